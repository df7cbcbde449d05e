// Pure: which commands a node may be asked for, by platform and config (spec/gateway-protocol.md §7.9).

export type NodePlatform = 'ios' | 'android' | 'macos' | 'windows' | 'linux' | 'unknown';

/** `gateway.nodes`: what the config adds and takes away. */
export interface CommandSettings {
  allowCommands?: readonly string[];
  denyCommands?: readonly string[];
}

const CANVAS = [
  'canvas.present',
  'canvas.hide',
  'canvas.navigate',
  'canvas.eval',
  'canvas.snapshot',
  'canvas.a2ui.push',
  'canvas.a2ui.pushJSONL',
  'canvas.a2ui.reset',
];
const SHELL = ['system.run.prepare', 'system.run', 'system.which', 'system.notify', 'browser.proxy'];
const SENSES = ['camera.list', 'location.get'];
const DEVICE = ['device.info', 'device.status'];
const PERSONAL = [
  'contacts.search',
  'calendar.events',
  'reminders.list',
  'photos.latest',
  'motion.activity',
  'motion.pedometer',
];

const ALLOWED: Readonly<Record<NodePlatform, readonly string[]>> = {
  ios: [...CANVAS, ...SENSES, ...DEVICE, ...PERSONAL, 'system.notify'],
  android: [
    ...CANVAS,
    ...SENSES,
    ...DEVICE,
    ...PERSONAL,
    'system.notify',
    'notifications.list',
    'notifications.actions',
    'device.permissions',
    'device.health',
    'callLog.search',
    'sms.search',
  ],
  macos: [...CANVAS, ...SENSES, ...DEVICE, ...PERSONAL, ...SHELL],
  windows: SHELL,
  linux: SHELL,
  unknown: [...CANVAS, ...SENSES, 'system.notify'],
};

const NAMES: ReadonlyArray<[RegExp, NodePlatform]> = [
  [/^(ios|ipados|iphone|ipad)/, 'ios'],
  [/^android/, 'android'],
  [/^(macos|darwin|mac)/, 'macos'],
  [/^win/, 'windows'],
  [/^linux/, 'linux'],
];

function platformNamed(text: string | undefined): NodePlatform | undefined {
  const name = text?.trim().toLowerCase() ?? '';
  return NAMES.find(([pattern]) => pattern.test(name))?.[1];
}

/** The platform family of a node, from what it says about itself. */
export function nodePlatform(platform: string | undefined, deviceFamily: string | undefined): NodePlatform {
  return platformNamed(platform) ?? platformNamed(deviceFamily) ?? 'unknown';
}

function trimmed(names: readonly string[] | undefined): string[] {
  return (names ?? []).map((name) => name.trim()).filter((name) => name !== '');
}

/** Every command a node of this platform may be asked for. Commands that harm need `allowCommands`. */
export function allowedCommands(platform: NodePlatform, settings: CommandSettings = {}): Set<string> {
  const allowed = new Set([...ALLOWED[platform], ...trimmed(settings.allowCommands)]);
  for (const name of trimmed(settings.denyCommands)) allowed.delete(name);
  return allowed;
}

/** The commands of a claim that count, sorted. */
export function acceptedCommands(claimed: readonly string[], allowed: ReadonlySet<string>): string[] {
  return [...new Set(trimmed(claimed))].filter((name) => allowed.has(name)).sort();
}

export interface CommandRefusal {
  message: string;
  details: { reason: string; command: string };
}

export interface CommandQuestion {
  command: string;
  /** What the node calls its platform. */
  platformName: string;
  allowed: ReadonlySet<string>;
  declared: readonly string[];
}

/** Why a command may not be sent, or undefined. */
export function refuseCommand(question: CommandQuestion): CommandRefusal | undefined {
  const { command, platformName, allowed, declared } = question;
  const refuse = (reason: string, why: string) => ({
    message: `node command not allowed: ${why}`,
    details: { reason, command },
  });
  if (!allowed.has(command)) {
    return refuse('command not allowlisted', `"${command}" is not in the allowlist for platform "${platformName}"`);
  }
  if (declared.length === 0) {
    return refuse('node did not declare commands', 'the node did not declare any supported commands');
  }
  if (declared.includes(command)) return undefined;
  return refuse('command not declared by node', `the node (platform: ${platformName}) does not support "${command}"`);
}
