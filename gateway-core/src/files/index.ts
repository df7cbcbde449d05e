// The files room: tools that read and change files of a conversation's workplace.

/** The tools as a source for the toolbox. */
export { createFileTools } from './file-tools.js';
export type { FetchedImage, FileToolsOptions } from './tool-options.js';
