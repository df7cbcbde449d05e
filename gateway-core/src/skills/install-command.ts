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

/** What installs itself, or is packed in a way that is not read here. */
const INSTALLER = /\.(gz|bz2|xz|zst|7z|rar|dmg|pkg|deb|rpm|msi|msix|appx)$/i;

/** The name that the file of an address gets; undefined for one that could lead elsewhere. */
export function fileNameOf(address: string): string | undefined {
  const { pathname } = new URL(address);
  const written = pathname.slice(pathname.lastIndexOf('/') + 1);
  // A name in percent signs would be another one once it is read.
  return /^[A-Za-z0-9][\w.+-]{0,99}$/.test(written) && !written.endsWith('.') ? written : undefined;
}

/** True for files that are no use as they are. */
export function isInstaller(fileName: string): boolean {
  return INSTALLER.test(fileName);
}
