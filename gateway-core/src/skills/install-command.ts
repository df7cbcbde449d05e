// Pure: which program installs what a skill needs. Arguments are given one by one; no shell reads them.
import type { OpenClawConfig } from '../config/index.js';
import type { InstallOption } from './skill-file.js';

export interface InstallCommand {
  program: string;
  args: string[];
}

type NodeManager = NonNullable<NonNullable<NonNullable<OpenClawConfig['skills']>['install']>['nodeManager']>;

// Scripts of packages stay off: they would run whatever a package says, as the user.
const NODE_COMMANDS: Readonly<Record<NodeManager, readonly string[]>> = {
  npm: ['install', '--global', '--ignore-scripts'],
  pnpm: ['add', '--global', '--ignore-scripts'],
  yarn: ['global', 'add', '--ignore-scripts'],
  bun: ['add', '--global', '--ignore-scripts'],
};

/** The command of an option; undefined for `download`, which needs no program. */
export function installCommand(
  { kind, target }: Pick<InstallOption, 'kind' | 'target'>,
  nodeManager: NodeManager = 'npm',
): InstallCommand | undefined {
  if (kind === 'brew') return { program: 'brew', args: ['install', target] };
  if (kind === 'node') return { program: nodeManager, args: [...NODE_COMMANDS[nodeManager], target] };
  if (kind === 'go') return { program: 'go', args: ['install', target.includes('@') ? target : `${target}@latest`] };
  if (kind === 'uv') return { program: 'uv', args: ['tool', 'install', target] };
  return undefined;
}

const ARCHIVE = /\.(zip|tar|tgz|tar\.\w+|gz|bz2|xz|7z|rar|dmg|pkg|deb|rpm|msi|exe)$/i;

/** The file name that a download gets; undefined for an archive or a name that could lead elsewhere. */
export function downloadName(address: string): string | undefined {
  const { pathname } = new URL(address);
  const name = decodeURIComponent(pathname.slice(pathname.lastIndexOf('/') + 1));
  return /^[A-Za-z0-9][\w.+-]{0,99}$/.test(name) && !ARCHIVE.test(name) ? name : undefined;
}
