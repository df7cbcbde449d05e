// Who may import whom. One row per room; the rules below are made from the rows.
// The same table in words: docs/architecture.md, section "Who may import whom".

const PAGE = 'docs/architecture.md#who-may-import-whom';
const OURS = '^(gateway-core|electron|renderer|e2e|scripts|resources)/';
// Everybody's tests may use the stand-ins for remote services.
const STAND_INS = '^e2e/fixtures/';
const TESTS = '\\.(test|spec)\\.tsx?$';
const CORE = 'gateway-core/src';

// Each slice may use the slices to its left.
const CHAIN = ['config', 'secrets', 'sessions', 'models', 'agents', 'tools', 'runs'];
const ALONE = ['devices', 'logs', 'offline', 'approvals', 'channels', 'system'];
/** Rooms that bring tools; none of them knows another. */
const TOOLED = ['exec', 'files', 'web', 'browser', 'mcp', 'sandbox', 'skills', 'memory', 'lifecycle-hooks'];
const SLICES = [...CHAIN, ...ALONE, ...TOOLED, 'cron', 'heartbeat', 'agent-tools', 'nodes', 'tls', 'health'];
const ENTERED_BY_INDEX = ['protocol', 'client', ...SLICES, 'server'];

const left = (slice) => CHAIN.slice(0, CHAIN.indexOf(slice));
const slice = (...others) => ['protocol', 'shared', ...others];

/** Room of gateway-core → rooms of gateway-core it may import besides itself. */
const ROOMS = {
  protocol: [],
  client: ['protocol'],
  shared: ['protocol'],
  ...Object.fromEntries(CHAIN.map((name) => [name, slice(...left(name))])),
  ...Object.fromEntries(ALONE.map((name) => [name, slice('config')])),
  ...Object.fromEntries(TOOLED.map((name) => [name, slice('config', 'agents', 'tools')])),
  // Both start runs through what compose gives them.
  cron: slice('config', 'sessions', 'agents'),
  heartbeat: slice('config', 'sessions', 'agents'),
  'agent-tools': slice(...CHAIN),
  nodes: slice('config', 'devices'),
  // It carries our client over a pinned certificate.
  tls: slice('config', 'client'),
  health: slice(...SLICES.filter((name) => name !== 'health')),
  server: slice('config', 'devices'),
  compose: ['protocol', 'client', 'shared', ...SLICES, 'server'],
  // The slices: commands that work on files when no gateway runs.
  cli: [
    ...['protocol', 'client', 'shared', 'config', 'compose', 'devices', 'secrets', 'tls', 'agents', 'tools'],
    ...['sandbox', 'skills', 'lifecycle-hooks', 'sessions'],
  ],
};

/** Folders outside gateway-core → what of ours they may import besides themselves. */
const EDGES = {
  'electron/contract': [`${CORE}/protocol`],
  'electron/main': ['electron/contract', `${CORE}/protocol`, 'resources', 'package\\.json'],
  'electron/preload': ['electron/contract', `${CORE}/protocol`],
  'electron/processes': ['electron/contract', `${CORE}/index\\.ts`],
  renderer: [`${CORE}/protocol`, `${CORE}/client`, 'electron/contract'],
  'e2e/journeys': ['e2e', 'scripts', `${CORE}/protocol`, 'electron/contract'],
};

// Type-only seams: an assistant answers model requests without using the models room.
const TYPE_SEAMS = [{ from: 'offline', to: 'models' }];

const rule = (name, sentence, from, to) => ({ name, severity: 'error', comment: `${sentence} (${PAGE})`, from, to });

function listRooms(rooms) {
  return rooms.length === 0 ? 'nothing else of ours' : rooms.join(', ');
}

function roomRules() {
  return Object.entries(ROOMS).flatMap(([room, allowed]) => {
    const seams = TYPE_SEAMS.filter((seam) => seam.from === room).map((seam) => seam.to);
    const inside = [room, ...allowed].join('|');
    const sentence = `The room ${room} imports ${listRooms(allowed)}.`;
    const from = { path: `^${CORE}/${room}/` };
    const to = (excepted) => ({ path: OURS, pathNot: [`^${CORE}/(${excepted})/`, STAND_INS] });
    if (seams.length === 0) return [rule(`zone-${room}`, sentence, from, to(inside))];
    const typed = `Of ${seams.join(', ')} the room ${room} imports types only.`;
    return [
      rule(`zone-${room}`, sentence, from, to([inside, ...seams].join('|'))),
      rule(`zone-${room}-types-only`, typed, from, {
        path: `^${CORE}/(${seams.join('|')})/`,
        dependencyTypesNot: ['type-only'],
      }),
    ];
  });
}

function edgeRules() {
  return Object.entries(EDGES).map(([folder, allowed]) => {
    const name = `zone-${folder.replace('/', '-')}`;
    const sentence = `${folder} imports ${listRooms(allowed).replaceAll('\\', '')}.`;
    const pathNot = [`^${folder}/`, STAND_INS, ...allowed.map((path) => `^${path}`)];
    return rule(name, sentence, { path: `^${folder}/` }, { path: OURS, pathNot });
  });
}

const indexOnly = [
  rule(
    'room-entered-by-index',
    'A room is entered through its index.ts; its other files are private.',
    { path: `^${CORE}/([^/]+)/` },
    { path: `^${CORE}/(${ENTERED_BY_INDEX.join('|')})/`, pathNot: [`^${CORE}/$1/`, '/index\\.ts$'] },
  ),
  rule(
    'room-entered-by-index-from-outside',
    'A room is entered through its index.ts; its other files are private.',
    { path: '^(electron|renderer)/' },
    { path: `^${CORE}/[^/]+/`, pathNot: '/index\\.ts$' },
  ),
];

const neutral = `^(${CORE}/(protocol|client)|electron/contract|renderer)/`;

const platform = [
  rule(
    'neutral-without-node',
    'protocol, client, electron/contract and renderer run in a browser too: no Node built-in modules.',
    { path: neutral, pathNot: TESTS },
    { dependencyTypes: ['core'] },
  ),
  rule(
    'protocol-needs-typebox-only',
    'protocol and electron/contract use the schema library and no other package; client uses none.',
    { path: `^(${CORE}/(protocol|client)|electron/contract)/`, pathNot: TESTS },
    { path: 'node_modules/', pathNot: 'node_modules/typebox/' },
  ),
  rule(
    'electron-stays-in-the-body',
    'The electron module is imported under electron/main, electron/preload and electron/processes only.',
    { path: OURS, pathNot: ['^electron/(main|preload|processes|test)/', '^(e2e|scripts)/'] },
    { path: ['^electron$', 'node_modules/electron/'] },
  ),
  rule(
    'react-stays-in-the-face',
    'React and its libraries are imported in renderer only.',
    { path: '^(gateway-core|electron)/' },
    { path: 'node_modules/(react|react-dom|react-markdown|radix-ui|@radix-ui|@tanstack|zustand|cmdk|lucide-react)/' },
  ),
  rule(
    'product-without-tests',
    'Product code does not import tests, scripts or fixtures.',
    { path: '^(gateway-core/src|electron/(main|preload|processes|contract)|renderer/src)/', pathNot: TESTS },
    { path: [TESTS, '^(e2e|scripts)/', '^(gateway-core|electron)/test/', 'node_modules/(vitest|@playwright)/'] },
  ),
];

module.exports = {
  forbidden: [
    rule('no-cycle', 'Files do not import each other in a circle.', {}, { circular: true }),
    ...roomRules(),
    ...edgeRules(),
    ...indexOnly,
    ...platform,
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^dist'] },
    exclude: { path: ['^dist/', '^release/', '^docs/'] },
    tsPreCompilationDeps: true,
    detectJSDocImports: false,
    skipAnalysisNotInRules: true,
    builtInModules: { add: [] },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.cjs', '.js', '.json'],
      mainFields: ['main', 'types'],
    },
  },
};
