// A `tailscale` program for tests: says what the real one says, and notes how it was called.
import { chmod, mkdtemp, open, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface FakeTailnet {
  /** What `status --json` says; undefined: the service does not run. */
  backend?: string;
  name?: string;
  certificates?: boolean;
  /** How `serve` and `funnel` answer. */
  answer?: 'ok' | 'denied' | 'not-enabled' | 'no-funnel' | 'taken' | 'broken';
}

export interface FakeTailscale {
  /** Put before PATH. */
  folder: string;
  be(tailnet: FakeTailnet): Promise<void>;
  /** The arguments of each call that was over or waits, oldest first. */
  calls(): Promise<string[]>;
  remove(): Promise<void>;
}

const SOURCE = `
const fs = require('node:fs');
const path = require('node:path');
const folder = __dirname;
const args = process.argv.slice(2);
fs.appendFileSync(path.join(folder, 'calls.txt'), args.join(' ') + '\\n');
const { backend, name, certificates, answer } = JSON.parse(fs.readFileSync(path.join(folder, 'tailnet.json'), 'utf8'));
const fail = (text) => { process.stderr.write(text + '\\n'); process.exit(1); };
const command = args.join(' ');
if (command === 'status --json --peers=false') {
  if (!backend) fail("failed to connect to local tailscaled; it doesn't appear to be running (sudo systemctl start tailscaled ?)");
  const running = backend === 'Running';
  process.stdout.write(JSON.stringify({
    Version: '1.90.1', BackendState: backend, TailscaleIPs: running ? ['100.64.0.7'] : null,
    Self: { HostName: 'desk', DNSName: running ? name + '.' : '', Online: running },
    MagicDNSSuffix: 'tail1234.ts.net', CertDomains: certificates && running ? [name] : null, Peer: null,
  }, null, 2));
  process.exit(0);
}
const [mode, ...rest] = args;
if (mode !== 'serve' && mode !== 'funnel') fail('unknown subcommand: ' + mode);
const title = mode === 'serve' ? 'Serve' : 'Funnel';
if (answer === 'denied') {
  fail("sending serve config: Access denied: serve config denied\\n\\nUse 'sudo tailscale " + command + "'.\\nTo not require root, use 'sudo tailscale set --operator=$USER' once.");
} else if (rest.join(' ') === 'reset') {
  process.exit(0);
} else if (rest[0] !== '--bg' || rest[1] !== '--yes' || rest.length !== 3) {
  fail('error: invalid argument format');
} else if (answer === 'not-enabled') {
  process.stdout.write('\\n' + title + ' is not enabled on your tailnet.\\nTo enable, visit:\\n\\n         https://login.tailscale.com/f/' + mode + '?node=nExAmPlE\\n\\n');
  fs.writeFileSync(path.join(folder, 'waiting'), '');
  setInterval(() => undefined, 60000);
} else if (answer === 'no-funnel') {
  fail('error: Funnel not available; "funnel" node attribute not set. See https://tailscale.com/s/no-funnel.');
} else if (answer === 'taken') {
  fail('foreground already exists under this port');
} else if (answer === 'broken') {
  fail('updating config: something nobody has seen');
} else {
  const target = /^[0-9]+$/.test(rest[2]) ? 'http://127.0.0.1:' + rest[2] : rest[2];
  process.stdout.write('Available ' + (mode === 'serve' ? 'within your tailnet' : 'on the internet') + ':\\n\\nhttps://' + name + '/\\n|-- proxy ' + target + '\\n\\n' + title + ' started and running in the background.\\nTo disable the proxy, run: tailscale ' + mode + ' --https=443 off\\n');
}
`;

async function write(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w');
  await handle.writeFile(text);
  await handle.close();
}

/** In a folder of its own; at first the computer is in the tailnet tail1234.ts.net, and everything is allowed. */
export async function createFakeTailscale(): Promise<FakeTailscale> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'tailscale-')));
  const be = (tailnet: FakeTailnet) => write(path.join(folder, 'tailnet.json'), JSON.stringify(tailnet));
  await be({ backend: 'Running', name: 'desk.tail1234.ts.net', certificates: true });
  const program = path.join(folder, 'tailscale');
  await write(program, `#!${process.execPath}\n${SOURCE}`);
  await chmod(program, 0o755);
  return {
    folder,
    be,
    async calls() {
      try {
        return (await readFile(path.join(folder, 'calls.txt'), 'utf8')).trim().split('\n');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw error;
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
