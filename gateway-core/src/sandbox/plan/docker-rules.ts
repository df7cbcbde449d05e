// Pure: settings of a container that are refused, because they would open it or cannot be meant.
import { isIP } from 'node:net';
import path from 'node:path';
import type { Refusal } from './plan-types.js';
import type { DockerSettings, SandboxSettings } from './settings.js';

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
const IMAGE = /^[A-Za-z0-9][A-Za-z0-9_./:@-]*$/;
const USER = /^(?:[a-z_][a-z0-9_-]*|\d+)(?::(?:[a-z_][a-z0-9_-]*|\d+))?$/i;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const CAPABILITY = /^[A-Z_]+$/i;
const AMOUNT = /^\d+(?:\.\d+)?[bkmg]?$/i;
const HOST_ENTRY = /^[A-Za-z0-9][A-Za-z0-9.-]*[:=](.+)$/;
const TMPFS = /^(?<target>\/[^:,\s]*)(?::[A-Za-z0-9=,%]+)?$/;
const GPUS = /^[A-Za-z0-9=,]+$/;

type Rule = (docker: DockerSettings) => { field: string; reason: string; hint?: string } | undefined;

const unless = (isFine: boolean, field: string, reason: string) => (isFine ? undefined : { field, reason });

const network: Rule = (docker) => {
  const field = 'network';
  const value = docker.network.trim().toLowerCase();
  if (value === 'host') {
    return {
      field,
      reason: 'The network "host" would put the sandbox on the network of this computer.',
      hint: 'Use "none", or "bridge" when programs inside need the internet.',
    };
  }
  if (/^(container|ns):/.test(value)) {
    if (value.startsWith('container:') && docker.dangerouslyAllowContainerNamespaceJoin === true) {
      return unless(
        NAME.test(docker.network.trim().slice('container:'.length)),
        field,
        `The network "${docker.network}" names no container.`,
      );
    }
    return {
      field,
      reason: `The network "${docker.network}" would join the network of another container.`,
      hint: 'dangerouslyAllowContainerNamespaceJoin would allow it.',
    };
  }
  return unless(NAME.test(value), field, `The network "${docker.network}" is not the name of a network.`);
};

const user: Rule = ({ user: name }) =>
  unless(name === undefined || USER.test(name), 'user', `The user "${name}" is not a name or number, like 1000:1000.`);

const unconfined: Rule = (docker) => {
  for (const field of ['seccompProfile', 'apparmorProfile'] as const) {
    const value = docker[field]?.trim();
    if (value === undefined) continue;
    if (value.toLowerCase() === 'unconfined') {
      return { field, reason: `${field} "unconfined" would switch a protection of the kernel off.` };
    }
    const isFine = field === 'seccompProfile' ? path.isAbsolute(value) : NAME.test(value);
    if (!isFine)
      return {
        field,
        reason: `${field} "${value}" is not ${field === 'seccompProfile' ? 'an absolute path' : 'a name'}.`,
      };
  }
  return undefined;
};

const image: Rule = (docker) =>
  unless(IMAGE.test(docker.image), 'image', `"${docker.image}" is not the name of an image.`);

const prefix: Rule = ({ containerPrefix: text }) =>
  unless(NAME.test(text), 'containerPrefix', `"${text}" cannot start the name of a container.`);

const workdir: Rule = ({ workdir: folder }) => {
  const isFolder = path.posix.isAbsolute(folder) && path.posix.normalize(folder) === folder && !/[,"\n:]/.test(folder);
  const isFree = isFolder && folder !== '/' && !/^\/(proc|sys|dev|etc|bin|sbin|lib|lib64|usr)(\/|$)/.test(folder);
  return unless(isFree && !folder.endsWith('/'), 'workdir', `"${folder}" cannot be the workspace inside a sandbox.`);
};

const capabilities: Rule = ({ capDrop }) =>
  unless(
    capDrop.every((name) => CAPABILITY.test(name)),
    'capDrop',
    'capDrop holds something that is not a capability.',
  );

const variables: Rule = ({ env }) => {
  const odd = Object.keys(env).find((name) => !VARIABLE.test(name));
  return odd === undefined ? undefined : { field: 'env', reason: `"${odd}" cannot be the name of a variable.` };
};

const tmpfs: Rule = ({ tmpfs: list, workdir: folder }) => {
  const odd = list.find((entry) => {
    const target = TMPFS.exec(entry)?.groups?.target;
    return target === undefined || target === '/' || `${folder}/`.startsWith(`${target}/`);
  });
  return odd === undefined ? undefined : { field: 'tmpfs', reason: `"${odd}" cannot be a folder in memory.` };
};

const amounts: Rule = (docker) => {
  for (const field of ['memory', 'memorySwap'] as const) {
    const value = docker[field];
    const isFine =
      value === undefined || AMOUNT.test(String(value)) || (field === 'memorySwap' && String(value) === '-1');
    if (!isFine) return { field, reason: `${field} "${value}" is not an amount like 512m or 2g.` };
  }
  return unless(
    docker.gpus === undefined || GPUS.test(docker.gpus),
    'gpus',
    `gpus "${docker.gpus}" is not "all" or a number.`,
  );
};

/** A limit as engines write it: `1024` or `1024:2048`; undefined for what is no limit. */
export function ulimitText(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'string') {
    return /^-?\d+(:-?\d+)?$/.test(String(value)) ? String(value) : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { soft, hard } = value as { soft?: unknown; hard?: unknown };
  const both = [soft ?? hard, hard ?? soft];
  return both.every((part) => Number.isInteger(part)) ? both.join(':') : undefined;
}

const ulimits: Rule = ({ ulimits: table = {} }) => {
  const odd = Object.entries(table).find(([name, value]) => !/^[a-z]+$/.test(name) || ulimitText(value) === undefined);
  return odd && { field: 'ulimits', reason: `The limit "${odd[0]}" is not a number or {soft, hard}.` };
};

const names: Rule = ({ dns = [], extraHosts = [] }) => {
  const server = dns.find((address) => isIP(address) === 0);
  if (server !== undefined) return { field: 'dns', reason: `"${server}" is not an IP address.` };
  const host = extraHosts.find((entry) => {
    const address = HOST_ENTRY.exec(entry)?.[1] ?? '';
    return isIP(address.replace(/^\[|\]$/g, '')) === 0;
  });
  if (host === undefined) return undefined;
  return {
    field: 'extraHosts',
    reason: `"${host}" is not written as name:address.`,
    hint: 'Write the address as numbers; "host-gateway" would lead to this computer.',
  };
};

const RULES: readonly Rule[] = [
  network,
  user,
  unconfined,
  image,
  prefix,
  workdir,
  capabilities,
  variables,
  tmpfs,
  amounts,
  ulimits,
  names,
];

/** The first setting that stands against making this container. */
export function refuseDocker({ docker, keyOf }: SandboxSettings): Refusal | undefined {
  for (const rule of RULES) {
    const fault = rule(docker);
    if (fault) {
      const { field, reason, hint } = fault;
      return { key: keyOf(`docker.${field}`), reason, ...(hint !== undefined && { hint }) };
    }
  }
  return undefined;
}
