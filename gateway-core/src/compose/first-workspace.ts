// The first workspace, for the command line: `openclaw setup` makes it before any gateway runs.
export { ensureWorkspace } from '../agents/index.js';
