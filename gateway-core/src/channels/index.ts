// The channels room: messengers.
export { type ChannelsMethodName, createChannelsMethods } from './channels-methods.js';
