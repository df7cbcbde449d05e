// agents.defaults.sandbox and agents.list[].sandbox.
import {
  anyRecord,
  either,
  flag,
  notNegative,
  oneOf,
  positive,
  secret,
  shape,
  table,
  text,
  textOrNumber,
  texts,
  whole,
} from './fields.js';

const docker = () =>
  shape({
    image: text(),
    containerPrefix: text(),
    workdir: text(),
    readOnlyRoot: flag(),
    tmpfs: texts(),
    network: text(),
    user: text(),
    capDrop: texts(),
    env: table(text()),
    setupCommand: either(text(), texts()),
    pidsLimit: whole(1),
    memory: textOrNumber(),
    memorySwap: textOrNumber(),
    cpus: positive(),
    gpus: text(),
    ulimits: anyRecord(),
    seccompProfile: text(),
    apparmorProfile: text(),
    dns: texts(),
    extraHosts: texts(),
    binds: texts(),
    dangerouslyAllowReservedContainerTargets: flag(),
    dangerouslyAllowExternalBindSources: flag(),
    dangerouslyAllowContainerNamespaceJoin: flag(),
  });

const browser = () =>
  shape({
    enabled: flag(),
    image: text(),
    containerPrefix: text(),
    network: text(),
    cdpPort: whole(1),
    cdpSourceRange: text(),
    vncPort: whole(1),
    noVncPort: whole(1),
    headless: flag(),
    enableNoVnc: flag(),
    allowHostControl: flag(),
    autoStart: flag(),
    autoStartTimeoutMs: whole(1),
    binds: texts(),
  });

const ssh = () =>
  shape({
    target: text(),
    command: text(),
    workspaceRoot: text(),
    strictHostKeyChecking: flag(),
    updateHostKeys: flag(),
    identityFile: text(),
    certificateFile: text(),
    knownHostsFile: text(),
    identityData: secret(),
    certificateData: secret(),
    knownHostsData: secret(),
  });

export const sandbox = () =>
  shape({
    mode: oneOf('off', 'non-main', 'all'),
    backend: text(),
    scope: oneOf('agent', 'session', 'shared'),
    perSession: flag(),
    workspaceAccess: oneOf('none', 'ro', 'rw'),
    workspaceRoot: text(),
    sessionToolsVisibility: oneOf('spawned', 'all'),
    docker: docker(),
    ssh: ssh(),
    browser: browser(),
    prune: shape({ idleHours: notNegative(), maxAgeDays: notNegative() }),
  });
