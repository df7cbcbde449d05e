// The command line as a function, for the program and for tests.
export type { CliHost, Output, StopSignal } from './host.js';
export { runCli, VERSION_TEXT } from './main.js';
