// Stands where the gateway process stands; HQ_PROBE_MODE says how it behaves.
import type { GatewayProcessMessage } from '../contract/desktop.js';

const mode = process.env.HQ_PROBE_MODE;
const say = (message: GatewayProcessMessage): void => process.parentPort.postMessage(message);

process.parentPort.on('message', () => {
  if (mode !== 'stubborn') process.exit(0);
});

process.stdout.write(`probe output, options: ${process.env.NODE_OPTIONS ?? 'none'}\n`);
say({ type: 'starting', step: 'warming up' });
if (mode === 'failing') {
  say({ type: 'failed', code: 'gateway.port_in_use', message: 'The port is taken.', hint: 'Choose another.' });
  setInterval(() => {}, 1_000);
} else {
  const url = 'ws://127.0.0.1:1';
  say({ type: 'ready', url, httpUrl: 'http://127.0.0.1:1', token: 'probe-secret', logFile: 'gateway.log' });
  setInterval(() => {}, 1_000);
}
