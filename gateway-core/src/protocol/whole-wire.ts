// The methods and events beyond the spine, and the order in which `hello-ok.features` names all of them.
import { agentsEditMethods } from './agents-edit.js';
import { approvalsEvents, approvalsMethods } from './approvals.js';
import { channelsMethods } from './channels.js';
import { cronEvents, cronMethods } from './cron.js';
import { devicesMethods } from './devices.js';
import { nodesEvents, nodesMethods } from './nodes.js';
import { sessionUpkeepEvents, sessionUpkeepMethods } from './session-upkeep.js';
import { skillsMethods } from './skills.js';
import { systemEvents, systemMethods } from './system.js';
import { talkEvents, talkMethods } from './talk.js';
import { toolsMethods } from './tools.js';
import { usageMethods } from './usage.js';

export const wholeWireMethods = {
  ...systemMethods,
  ...usageMethods,
  ...talkMethods,
  ...channelsMethods,
  ...approvalsMethods,
  ...toolsMethods,
  ...agentsEditMethods,
  ...skillsMethods,
  ...sessionUpkeepMethods,
  ...devicesMethods,
  ...nodesMethods,
  ...cronMethods,
};
export type WholeWireMethods = typeof wholeWireMethods;

export const wholeWireEvents = {
  ...sessionUpkeepEvents,
  ...talkEvents,
  ...systemEvents,
  ...cronEvents,
  ...nodesEvents,
  ...approvalsEvents,
};
export type WholeWireEvents = typeof wholeWireEvents;

/** `hello-ok.features.methods` (spec/gateway-protocol.md §3.9), with tools.effective behind tools.catalog. */
export const METHOD_ORDER: readonly string[] = [
  'health',
  'doctor.memory.status',
  'logs.tail',
  'channels.status',
  'channels.logout',
  'status',
  'usage.status',
  'usage.cost',
  'tts.status',
  'tts.providers',
  'tts.enable',
  'tts.disable',
  'tts.convert',
  'tts.setProvider',
  'config.get',
  'config.set',
  'config.apply',
  'config.patch',
  'config.schema',
  'config.schema.lookup',
  'exec.approvals.get',
  'exec.approvals.set',
  'exec.approvals.node.get',
  'exec.approvals.node.set',
  'exec.approval.request',
  'exec.approval.waitDecision',
  'exec.approval.resolve',
  'wizard.start',
  'wizard.next',
  'wizard.cancel',
  'wizard.status',
  'talk.config',
  'talk.speak',
  'talk.mode',
  'models.list',
  'tools.catalog',
  'tools.effective',
  'agents.list',
  'agents.create',
  'agents.update',
  'agents.delete',
  'agents.files.list',
  'agents.files.get',
  'agents.files.set',
  'skills.status',
  'skills.bins',
  'skills.install',
  'skills.update',
  'update.run',
  'voicewake.get',
  'voicewake.set',
  'secrets.reload',
  'secrets.resolve',
  'sessions.list',
  'sessions.subscribe',
  'sessions.unsubscribe',
  'sessions.messages.subscribe',
  'sessions.messages.unsubscribe',
  'sessions.preview',
  'sessions.create',
  'sessions.send',
  'sessions.abort',
  'sessions.patch',
  'sessions.reset',
  'sessions.delete',
  'sessions.compact',
  'last-heartbeat',
  'set-heartbeats',
  'wake',
  'node.pair.request',
  'node.pair.list',
  'node.pair.approve',
  'node.pair.reject',
  'node.pair.verify',
  'device.pair.list',
  'device.pair.approve',
  'device.pair.reject',
  'device.pair.remove',
  'device.token.rotate',
  'device.token.revoke',
  'node.rename',
  'node.list',
  'node.describe',
  'node.pending.drain',
  'node.pending.enqueue',
  'node.invoke',
  'node.pending.pull',
  'node.pending.ack',
  'node.invoke.result',
  'node.event',
  'node.canvas.capability.refresh',
  'cron.list',
  'cron.status',
  'cron.add',
  'cron.update',
  'cron.remove',
  'cron.run',
  'cron.runs',
  'gateway.identity.get',
  'system-presence',
  'system-event',
  'send',
  'agent',
  'agent.identity.get',
  'agent.wait',
  'browser.request',
  'chat.history',
  'chat.abort',
  'chat.send',
];

/** `hello-ok.features.events`. */
export const EVENT_ORDER: readonly string[] = [
  'connect.challenge',
  'agent',
  'chat',
  'session.message',
  'session.tool',
  'sessions.changed',
  'presence',
  'tick',
  'talk.mode',
  'shutdown',
  'health',
  'heartbeat',
  'cron',
  'node.pair.requested',
  'node.pair.resolved',
  'node.invoke.request',
  'device.pair.requested',
  'device.pair.resolved',
  'voicewake.changed',
  'exec.approval.requested',
  'exec.approval.resolved',
  'update.available',
];

/** The rows of `table` in the order of `names`; rows that `names` does not know follow in their own order. */
export function inOrder<T extends object>(table: T, names: readonly string[]): T {
  const known = names.filter((name) => Object.hasOwn(table, name));
  const rest = Object.keys(table).filter((name) => !names.includes(name));
  const rows = [...known, ...rest].map((name) => [name, (table as Record<string, unknown>)[name]]);
  return Object.fromEntries(rows) as T;
}
