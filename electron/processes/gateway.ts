// Entry of the gateway process: starts the gateway, reports to its parent, ends with it.
import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  errorMessage,
  isAppError,
  type KeychainOffer,
  type RunningGateway,
  startGateway,
} from '../../gateway-core/src/index.js';
import type { GatewayProcessCommand, GatewayProcessMessage, KeychainHandover } from '../contract/desktop.js';

const port = process.parentPort;
const say = (message: GatewayProcessMessage): void => port.postMessage(message);
let gateway: RunningGateway | undefined;

/** 0 after a stop that was asked for, 1 after a start that failed. */
async function end(code: number): Promise<void> {
  try {
    await gateway?.stop();
  } finally {
    process.exit(code);
  }
}

port.on('message', ({ data }) => {
  const command = data as GatewayProcessCommand;
  if (command.type === 'stop') void end(0);
  else void begin(command.keychain);
});

/** Sentences that scripts depend on in a terminal; in the window they read like noise. */
const PLAIN: Record<string, string> = {
  'gateway.locked': 'Another gateway already runs for this config.',
  'gateway.port_in_use': 'Another program already uses the port of the gateway.',
};

function describeFailure(error: unknown): GatewayProcessMessage {
  if (isAppError(error)) {
    const { code, message, hint } = error;
    return { type: 'failed', code, message: PLAIN[code] ?? message, hint };
  }
  console.error(error);
  const hint = 'Try again; the log has the details.';
  return { type: 'failed', code: 'internal', message: `The gateway could not start: ${errorMessage(error)}`, hint };
}

function announce({ url, httpUrl, token, password, tlsFingerprint, logFile }: RunningGateway): void {
  say({ type: 'ready', url, httpUrl, token, password, tlsFingerprint, logFile });
}

function fail(error: unknown): void {
  say(describeFailure(error));
  // The supervisor answers with 'stop' once it has read this; the timer is for one that cannot.
  setTimeout(() => void end(1), 2_000);
}

function readOffer(handover: KeychainHandover): KeychainOffer {
  return 'key' in handover ? { key: Buffer.from(handover.key, 'base64') } : handover;
}

/** Beside the archive of the packaged app, else beside the build. */
const SKILLS = [path.join(process.resourcesPath, 'skills'), path.join(import.meta.dirname, '../skills')];

async function begin(keychain: KeychainHandover): Promise<void> {
  try {
    const running = await startGateway({
      env: process.env,
      cwd: process.cwd(),
      flags: { allowUnconfigured: true },
      rendererDir: path.join(import.meta.dirname, '../renderer'),
      docsDir: path.join(import.meta.dirname, '../docs'),
      skillsDir: SKILLS.find(existsSync),
      keychain: readOffer(keychain),
      onStep: (step) => say({ type: 'starting', step }),
    });
    gateway = running;
    announce(running);
    running.onActivity((working) => say({ type: 'activity', working }));
    // A restart for a changed config may move the address or change the secret.
    running.onRestarted(() => announce(running));
    running.onFailed((error) => fail(error));
  } catch (error) {
    fail(error);
  }
}
