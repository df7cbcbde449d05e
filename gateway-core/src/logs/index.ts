// The logs room: where log lines go and how they are read from afar.

/** For people: a terminal or a pipe. */
export {
  type ConsoleSinkOptions,
  type ConsoleStream,
  type ConsoleStyle,
  createConsoleSink,
  wantsColor,
} from './console-sink.js';
/** For machines: JSON lines in a file of the day (spec/gateway-config.md §6, logging). */
export { createFileSink, DEFAULT_MAX_FILE_BYTES, type FileSink, type FileSinkOptions } from './file-sink.js';
/** logs.tail (spec/gateway-protocol.md §7.1). */
export { createLogsMethods } from './methods.js';
export { tailFile, type TailRequest } from './tail.js';
