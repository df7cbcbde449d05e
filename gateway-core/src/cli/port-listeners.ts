// Who listens on a TCP port. Linux tells through /proc; elsewhere we only learn whether somebody does.
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { userInfo } from 'node:os';

export interface PortListener {
  pid: number;
  command: string;
  address: string;
  commandLine: string;
  user: string;
  ppid: number;
}

export interface PortReport {
  port: number;
  status: 'busy' | 'free' | 'unknown';
  listeners: PortListener[];
}

interface ListeningSocket {
  inode: string;
  address: string;
}

const LISTEN_STATE = '0A';

/** "0100007F" → "127.0.0.1"; bytes come in the machine's order, which is little-endian on what we run on. */
function readIpv4(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  return bytes
    .reverse()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.');
}

function readAddress(hex: string): string {
  if (hex.length === 8) return readIpv4(hex);
  if (/^0+$/.test(hex)) return '[::]';
  if (/^0{24}01000000$/.test(hex)) return '[::1]';
  return `[${hex}]`;
}

/** Listening sockets on `port` in the text of /proc/net/tcp or tcp6. */
export function parseListeningSockets(table: string, port: number): ListeningSocket[] {
  const suffix = port.toString(16).toUpperCase().padStart(4, '0');
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const [address = '', hexPort] = local.split(':');
    return state === LISTEN_STATE && hexPort === suffix ? [{ inode, address: `${readAddress(address)}:${port}` }] : [];
  });
}

/** Reads something of another process; undefined when it is gone or not ours to see. */
async function peek<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (['ENOENT', 'EACCES', 'EPERM', 'ESRCH'].includes(code)) return undefined;
    throw error;
  }
}

async function socketInodes(pid: string): Promise<string[]> {
  const handles = (await peek(() => readdir(`/proc/${pid}/fd`))) ?? [];
  const links = await Promise.all(handles.map((handle) => peek(() => readlink(`/proc/${pid}/fd/${handle}`))));
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link ?? '')?.[1] ?? []);
}

async function describe(pid: string, address: string): Promise<PortListener> {
  const [command, commandLine, status, owner] = await Promise.all([
    peek(() => readFile(`/proc/${pid}/comm`, 'utf8')),
    peek(() => readFile(`/proc/${pid}/cmdline`, 'utf8')),
    peek(() => readFile(`/proc/${pid}/status`, 'utf8')),
    peek(() => stat(`/proc/${pid}`)),
  ]);
  const me = userInfo();
  return {
    pid: Number(pid),
    command: command?.trim() ?? '',
    address,
    commandLine: commandLine?.replaceAll('\0', ' ').trim() ?? '',
    user: owner?.uid === me.uid ? me.username : String(owner?.uid ?? ''),
    ppid: Number(/^PPid:\s+(\d+)/m.exec(status ?? '')?.[1] ?? 0),
  };
}

async function linuxListeners(port: number): Promise<PortListener[]> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => peek(() => readFile(`/proc/net/${name}`, 'utf8'))));
  const sockets = tables.flatMap((table) => parseListeningSockets(table ?? '', port));
  if (sockets.length === 0) return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const inodes = new Set(await socketInodes(pid));
      const own = sockets.filter(({ inode }) => inodes.has(inode));
      return own.length > 0 ? describe(pid, own.map(({ address }) => address).join(', ')) : undefined;
    }),
  );
  return found.filter((listener) => listener !== undefined);
}

/** True when something on this computer accepts connections on `port`. */
export function accepts(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: 500 });
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => finish(true));
    socket.once('timeout', () => finish(false));
    socket.once('error', () => finish(false));
  });
}

export async function inspectPort(port: number, platform: NodeJS.Platform): Promise<PortReport> {
  const listeners = platform === 'linux' ? await linuxListeners(port) : [];
  const busy = listeners.length > 0 || (await accepts(port));
  return { port, status: busy ? 'busy' : 'free', listeners };
}

/** What to say about a port that is taken. */
export function portLines({ port, status, listeners }: PortReport): string[] {
  if (status !== 'busy') return [];
  return [
    `Port ${port} is already in use.`,
    ...listeners.map(
      ({ pid, user, commandLine, command, address }) => `- pid ${pid} ${user}: ${commandLine || command} (${address})`,
    ),
  ];
}
