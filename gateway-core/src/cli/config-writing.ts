// Changes the config: through the gateway that has it open, else straight into the file.
import { realpath } from 'node:fs/promises';
import { GatewayRequestError } from '../client/index.js';
import { applyEdits, type ConfigEdit, createConfigOwner, reachableEdits } from '../config/index.js';
import type { ConfigIssue } from '../protocol/index.js';
import { AppError } from '../shared/app-error.js';
import { silentLogger } from '../shared/logger.js';
import { asking } from './ask-gateway.js';
import { inConfigTurn } from './config-turn.js';
import type { CommandContext } from './context.js';
import { GatewayAccessError, type GatewaySession, withGateway } from './gateway-access.js';
import { resolveLocalTarget } from './target.js';

export interface ConfigWritten {
  path: string;
  /** SHA-256 of the file before and after; equal when nothing changed. */
  before: string;
  after: string;
  /** There was a file before, so there is a `.bak` now. */
  existed: boolean;
  commentsLost: boolean;
}

const CONNECT_MS = 3_000;
const TRIES = 4;
const SETTING_METHODS = ['config.get', 'config.set'];

async function sameFile(a: string, b: string): Promise<boolean> {
  const real = (file: string) => realpath(file).catch(() => file);
  return (await real(a)) === (await real(b));
}

const isStale = (error: unknown): boolean =>
  error instanceof GatewayRequestError && error.message.includes('config changed since last load');

async function throughGateway(
  context: CommandContext,
  session: GatewaySession,
  edits: readonly ConfigEdit[],
): Promise<ConfigWritten | undefined> {
  if (SETTING_METHODS.some((name) => !session.hello.features.methods.includes(name))) return undefined;
  const ask = asking(session);
  for (let attempt = 1; ; attempt += 1) {
    const file = await ask('config.get', {});
    if (!(await sameFile(file.path, context.paths.configPath))) return undefined;
    const before = file.hash ?? '';
    const own = await reachableEdits(edits, { paths: context.paths, env: context.env, cwd: context.host.cwd });
    const { text, commentsKept } = await applyEdits(file.raw ?? '{}', own);
    try {
      const { path, commentsLost } = await ask('config.set', { raw: text, ...(file.exists && { baseHash: before }) });
      const after = (await ask('config.get', {})).hash ?? '';
      return { path, before, after, existed: file.exists, commentsLost: commentsLost === true || !commentsKept };
    } catch (error) {
      if (!isStale(error) || attempt === TRIES) throw error;
    }
  }
}

async function intoFile(context: CommandContext, edits: readonly ConfigEdit[], source: string): Promise<ConfigWritten> {
  const loaded = await context.config();
  const load = { paths: context.paths, env: context.env, cwd: context.host.cwd };
  const owner = createConfigOwner({ loaded, load, log: silentLogger });
  try {
    for (let attempt = 1; ; attempt += 1) {
      let before = loaded.hash;
      try {
        const result = await owner.write({
          source,
          change(file) {
            before = file.hash;
            return { edits };
          },
        });
        const { path, hash } = result.loaded;
        return { path, before, after: hash, existed: result.backup !== undefined, commentsLost: !result.commentsKept };
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'config.stale' || attempt === TRIES) throw error;
      }
    }
  } finally {
    await owner.stop();
  }
}

/** Issues of a refused change, from the gateway or from the file's own check. */
export function rejectedIssues(error: unknown): ConfigIssue[] | undefined {
  const isRejection =
    error instanceof GatewayRequestError || (error instanceof AppError && error.code === 'config.rejected');
  const details = isRejection ? (error.details as { issues?: unknown } | undefined) : undefined;
  return Array.isArray(details?.issues) ? (details.issues as ConfigIssue[]) : undefined;
}

/**
 * Writes the edits. A gateway on this computer that has the same file open does it, so that its writes and ours
 * never cross. Throws GatewayRequestError, AppError config.rejected, config.stale, config.unwritable.
 */
export async function changeConfig(
  context: CommandContext,
  edits: readonly ConfigEdit[],
  source: string,
): Promise<ConfigWritten> {
  const { config, path, env } = await context.config();
  const target = resolveLocalTarget({ flags: {}, env, config, configPath: path });
  try {
    const access = { target, profile: 'cli', timeoutMs: CONNECT_MS } as const;
    const written = await withGateway(context, access, (session) => throughGateway(context, session, edits));
    if (written) return written;
  } catch (error) {
    // No gateway, or one that does not let us in: the file is ours all the same.
    if (!(error instanceof GatewayAccessError)) throw error;
  }
  return inConfigTurn(path, () => intoFile(context, edits, source));
}
