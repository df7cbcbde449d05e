// JSON Schemas of the arguments. Each byte of them goes to the model with every turn, so they say only what names do not.
type Schema = Record<string, unknown>;

const text = { type: 'string' };
const whole = { type: 'integer', minimum: 1 };
const seconds = { type: 'number', minimum: 0 };

function shape(properties: Schema, required: readonly string[] = []): Schema {
  return { type: 'object', properties, ...(required.length > 0 && { required }) };
}

function choice(...values: string[]): Schema {
  return { type: 'string', enum: values };
}

export const parameters = {
  sessionsList: shape({
    kinds: { type: 'array', items: choice('main', 'group', 'cron', 'hook', 'node', 'other') },
    limit: whole,
    activeMinutes: whole,
  }),
  sessionsHistory: shape({ sessionKey: text, limit: whole, includeTools: { type: 'boolean' } }, ['sessionKey']),
  sessionStatus: shape({ sessionKey: text }),
  agentsList: shape({}),
  sessionsSend: shape({ sessionKey: text, label: text, message: text, timeoutSeconds: seconds }, ['message']),
  sessionsSpawn: shape(
    {
      task: text,
      label: text,
      agentId: text,
      model: text,
      thinking: text,
      runTimeoutSeconds: seconds,
      cleanup: choice('keep', 'delete'),
    },
    ['task'],
  ),
  sessionsYield: shape({ timeoutSeconds: seconds }),
  subagents: shape({ action: choice('list', 'kill', 'steer', 'log'), target: text, message: text, limit: whole }, [
    'action',
  ]),
  message: shape({ action: choice('send'), text, channel: text, to: text }, ['text']),
  cron: shape(
    {
      action: choice('status', 'list', 'add', 'update', 'remove', 'run', 'runs'),
      id: text,
      job: { type: 'object' },
      patch: { type: 'object' },
    },
    ['action'],
  ),
  gateway: shape(
    {
      action: choice('status', 'config.get', 'config.schema.lookup', 'config.patch', 'restart'),
      path: text,
      patch: { type: 'object' },
      reason: text,
    },
    ['action'],
  ),
  nodes: shape(
    {
      action: choice('list', 'describe', 'invoke'),
      node: text,
      command: text,
      params: { type: 'object' },
      timeoutSeconds: seconds,
    },
    ['action'],
  ),
} as const;
