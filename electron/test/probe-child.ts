// Stands where the gateway process stands; HQ_PROBE_MODE says how it behaves.
import type { GatewayProcessCommand, GatewayProcessMessage, KeychainHandover } from '../contract/desktop.js';

const mode = process.env.HQ_PROBE_MODE;
const say = (message: GatewayProcessMessage): void => process.parentPort.postMessage(message);

function begin(keychain: KeychainHandover): void {
  const handed = 'key' in keychain && process.argv.every((part) => !part.includes(keychain.key));
  process.stdout.write(`probe output, options: ${process.env.NODE_OPTIONS ?? 'none'}, handed a key: ${handed}\n`);
  say({ type: 'starting', step: 'warming up' });
  if (mode === 'failing') {
    say({ type: 'failed', code: 'gateway.port_in_use', message: 'The port is taken.', hint: 'Choose another.' });
    return;
  }
  const url = 'ws://127.0.0.1:1';
  say({ type: 'ready', url, httpUrl: 'http://127.0.0.1:1', token: 'probe-secret', logFile: 'gateway.log' });
}

process.parentPort.on('message', ({ data }) => {
  const command = data as GatewayProcessCommand;
  if (command.type === 'start') begin(command.keychain);
  else if (mode !== 'stubborn') process.exit(0);
});

// It lives until it is told otherwise.
setInterval(() => {}, 1_000);
