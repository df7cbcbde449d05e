// Pure: the arguments of bubblewrap for a plan.
import type { BoxPlan } from '../plan/plan-types.js';

/** What there is on this computer, as far as it matters. */
export interface HostLayout {
  /** System folders that exist: either real ones, or links with where they lead. */
  system: Array<{ folder: string; link?: string }>;
  /** Files of /proc that exist and are hidden. */
  hidden: readonly string[];
  /** True when user namespaces inside can be switched off. */
  canForbidNamespaces: boolean;
}

export const SYSTEM_FOLDERS = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/opt'];
/** Parts of /etc that programs need; nothing of it is private. */
const CONFIG_FILES = [
  '/etc/alternatives',
  '/etc/ca-certificates',
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/localtime',
  '/etc/nsswitch.conf',
  '/etc/protocols',
  '/etc/services',
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
];
/** Where root of this computer, seen from inside, could change or read the kernel. */
export const HIDDEN_FILES = [
  '/proc/kcore',
  '/proc/keys',
  '/proc/kmsg',
  '/proc/kpagecgroup',
  '/proc/kpagecount',
  '/proc/kpageflags',
  '/proc/latency_stats',
  '/proc/mtrr',
  '/proc/sched_debug',
  '/proc/slabinfo',
  '/proc/sysrq-trigger',
  '/proc/timer_list',
  '/proc/vmallocinfo',
];
const READ_ONLY_PROC = [
  '/proc/sys',
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/acpi',
  '/proc/pressure',
  '/proc/scsi',
];

function systemArgs({ system }: HostLayout): string[] {
  return [
    ...system.flatMap(({ folder, link }) =>
      link === undefined ? ['--ro-bind', folder, folder] : ['--symlink', link, folder],
    ),
    ...CONFIG_FILES.flatMap((file) => ['--ro-bind-try', file, file]),
  ];
}

/** A bubblewrap of root keeps root's number, which owns the switches of the kernel; so they are closed one by one. */
function kernelArgs({ hidden }: HostLayout): string[] {
  return [
    ...['--proc', '/proc', '--dev', '/dev'],
    ...READ_ONLY_PROC.flatMap((folder) => ['--ro-bind-try', folder, folder]),
    ...hidden.flatMap((file) => ['--ro-bind', '/dev/null', file]),
  ];
}

/** Arguments up to `--`; the program follows. */
export function bubblewrapArgs(box: BoxPlan, layout: HostLayout, options: { tty: boolean }): string[] {
  return [
    '--unshare-all',
    ...(layout.canForbidNamespaces ? ['--unshare-user', '--disable-userns'] : []),
    '--die-with-parent',
    // A terminal given to the program is its own, made for it; without one there must be no way back to ours.
    ...(options.tty ? [] : ['--new-session']),
    ...['--cap-drop', 'ALL', '--hostname', 'sandbox'],
    ...systemArgs(layout),
    ...kernelArgs(layout),
    ...box.settings.docker.tmpfs.flatMap((entry) => ['--tmpfs', entry.split(':')[0] ?? entry]),
    ...box.mounts.flatMap(({ source, target, isReadOnly }) => [isReadOnly ? '--ro-bind' : '--bind', source, target]),
    ...['--remount-ro', '/', '--chdir', box.workdir, '--'],
  ];
}
