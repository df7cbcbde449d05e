// Every expected error: its code, what it says, what to do, and how it looks on the wire and in HTTP.
import { BROWSER_ERRORS } from './browser-errors.js';
import { type ErrorRow, retryable, row } from './error-row.js';

export type { ErrorRow } from './error-row.js';

const request = (sentence: string, hint?: string) => row('INVALID_REQUEST', 400, sentence, hint);
const startup = (sentence: string, hint: string) => row('UNAVAILABLE', 500, sentence, hint);

const ROWS = {
  'request.cancelled': request('Cancelled. Nothing was changed.'),
  'request.invalid': request('The request is not valid.'),
  'request.unauthorized': row(
    'INVALID_REQUEST',
    401,
    'You are not signed in.',
    'Open the address that `openclaw dashboard` prints.',
  ),
  'session.not_found': request('The session does not exist.'),
  'session.conflict': request('Another session already has this label.'),
  'agent.not_found': request('The agent does not exist.', 'Run `openclaw agents list` to see the agents.'),
  'run.aborted': row('UNAVAILABLE', 499, 'The answer was stopped.'),
  'run.timeout': retryable(
    'AGENT_TIMEOUT',
    504,
    'The agent took too long and was stopped.',
    'Send it again or raise the timeout.',
  ),
  'run.interrupted': retryable(
    'UNAVAILABLE',
    503,
    'The gateway was interrupted before the answer was complete.',
    'Send your message again.',
  ),
  'run.queue_full': retryable(
    'UNAVAILABLE',
    429,
    'Too many messages wait in this conversation already. This one was not taken.',
    'Send it again when the answer is there.',
  ),
  'run.dropped': row(
    'UNAVAILABLE',
    429,
    'This message was dropped: more came after it than may wait.',
    'Send it again if it still matters.',
  ),
  'run.dropped_briefly': row(
    'UNAVAILABLE',
    429,
    'More messages came than may wait. Of this one only the beginning is passed on with the next.',
    'Send it again if the rest matters.',
  ),
  'run.loop': row(
    'UNAVAILABLE',
    422,
    'The agent was stopped because it kept repeating itself.',
    'Tell it what to do differently.',
  ),
  'run.step_limit': row(
    'UNAVAILABLE',
    422,
    'The agent was stopped because its task took too many steps.',
    'Send a message to let it go on.',
  ),
  'model.context_full': row(
    'UNAVAILABLE',
    413,
    'The conversation is too long for this model.',
    'Send /compact to shorten it, or /new to start a new one.',
  ),
  'model.not_found': row(
    'UNAVAILABLE',
    404,
    'The provider does not know this model.',
    'Choose another model, or check its name in the config.',
  ),
  'model.not_configured': row(
    'UNAVAILABLE',
    424,
    'This model has no provider in the config.',
    'Add it under models.providers, or choose another model.',
  ),
  'model.auth': row(
    'UNAVAILABLE',
    // Not 401: to an HTTP client that would mean its own sign-in with us.
    502,
    'The provider refused the API key.',
    'Check the key of this provider in the config.',
  ),
  'model.credit': row(
    'UNAVAILABLE',
    402,
    'The provider account has no credit left.',
    'Add credit with the provider, or choose another model.',
  ),
  'model.rate_limit': retryable(
    'UNAVAILABLE',
    429,
    'The provider limits how often you may ask.',
    'Wait a little and send it again.',
  ),
  'model.overloaded': retryable('UNAVAILABLE', 503, 'The provider is overloaded.', 'Wait a little and send it again.'),
  'model.unreachable': retryable(
    'UNAVAILABLE',
    503,
    'The provider cannot be reached.',
    'Check your network and the base URL of the provider.',
  ),
  'model.timeout': retryable(
    'UNAVAILABLE',
    504,
    'The provider did not answer in time.',
    'Send it again, or choose another model.',
  ),
  'model.bad_request': row(
    'UNAVAILABLE',
    400,
    'The provider rejected the request.',
    'Read the details; another model may accept it.',
  ),
  'model.server_error': retryable('UNAVAILABLE', 502, 'The provider had an internal error.', 'Send it again.'),
  'model.stream_cut': retryable(
    'UNAVAILABLE',
    502,
    'The provider stopped in the middle of the answer.',
    'Send it again; the part that arrived is kept.',
  ),
  'model.bad_response': row(
    'UNAVAILABLE',
    502,
    'The provider answered in a form that cannot be read.',
    'Check the base URL and the api of this provider.',
  ),
  'config.missing': startup('There is no config file.', 'Run `openclaw setup`, or start with --allow-unconfigured.'),
  'config.invalid': startup('The config is not valid.', 'Run `openclaw doctor --fix`, or correct the lines above.'),
  'config.unreadable': startup('The config file cannot be read.', 'Check the file and its permissions.'),
  'config.base_required': request('config base hash required; re-run config.get and retry'),
  'config.stale': request('config changed since last load; re-run config.get and retry'),
  'config.unparsable': request('The config that was sent is not JSON5.', 'Correct the place that the message names.'),
  'config.rejected': request('The config that was sent is not valid.', 'Correct the settings that the message names.'),
  'config.included': request(
    'This setting is in a file that the config includes.',
    'Change it in that file; the gateway takes it over by itself.',
  ),
  'config.path_unknown': request('config schema path not found'),
  'config.rate_limited': retryable(
    'UNAVAILABLE',
    429,
    'The config was changed too often in a short time.',
    'Wait a minute and try again.',
  ),
  'config.unwritable': row(
    'UNAVAILABLE',
    500,
    'The config file cannot be written.',
    'Check the file, its folder and their permissions.',
  ),
  'secret.unavailable': startup(
    'A secret that the config names cannot be read.',
    'Set its environment variable, or write the secret into the config.',
  ),
  'secret.reload_failed': retryable(
    'UNAVAILABLE',
    503,
    'The secrets could not be read again.',
    'The ones read before stay in use. Correct what the message names, then run `openclaw secrets reload`.',
  ),
  'state.unwritable': startup(
    'The state folder cannot be written.',
    'Check its permissions, or set OPENCLAW_STATE_DIR to another folder.',
  ),
  'state.unreadable': startup(
    'A file in the state folder cannot be read.',
    'Restore it from a backup, or move it away.',
  ),
  'gateway.port_in_use': startup(
    'The port is taken by another program.',
    'Stop that program, or choose another port with --port.',
  ),
  'gateway.port_denied': startup(
    'The system does not let this account use the port.',
    'Choose a port above 1023 with --port.',
  ),
  'gateway.listen_failed': startup(
    'The gateway cannot listen on its address.',
    'Check gateway.bind and gateway.customBindHost in the config.',
  ),
  'gateway.locked': startup('A gateway is already running for this config.', 'Stop it first, or use its address.'),
  'gateway.bind_refused': startup(
    'The gateway does not listen beyond this computer without a secret.',
    'Set gateway.auth.token or gateway.auth.password.',
  ),
  'gateway.start_blocked': startup(
    'The config does not say that the gateway may run here.',
    'Run `openclaw config set gateway.mode local`, or start with --allow-unconfigured.',
  ),
  'gateway.settings_refused': startup(
    'The gateway settings contradict each other.',
    'Correct the setting that the message names.',
  ),
  'gateway.flag_invalid': startup('A start option is not valid.', 'Run `openclaw gateway --help`.'),
  'gateway.unreachable': retryable(
    'UNAVAILABLE',
    503,
    'The gateway cannot be reached.',
    'Start it with `openclaw gateway`.',
  ),
  'gateway.refused': row(
    'INVALID_REQUEST',
    401,
    'The gateway refused the connection.',
    'Pass --token or --password, or set gateway.remote.token to the secret of that gateway.',
  ),
  'gateway.url_invalid': request('The gateway address is not valid.', 'Write it like ws://127.0.0.1:18789.'),
  'gateway.url_insecure': request(
    'The address would send your credentials unencrypted.',
    'Use wss://, or set OPENCLAW_ALLOW_INSECURE_PRIVATE_WS=1 for an address in your own network.',
  ),
  'gateway.url_needs_credentials': request(
    'gateway url override requires explicit credentials',
    'Pass --token or --password, or set OPENCLAW_GATEWAY_TOKEN.',
  ),
  'gateway.closed': retryable('UNAVAILABLE', 503, 'The gateway closed the connection.'),
  'gateway.timeout': retryable('UNAVAILABLE', 504, 'The gateway did not answer in time.'),
  'tls.unreadable': startup(
    'A TLS file cannot be read.',
    'Check gateway.tls.certPath and gateway.tls.keyPath, or leave both out to have a certificate made.',
  ),
  'tls.invalid': startup(
    'A TLS file does not hold what it should.',
    'Put a PEM certificate at gateway.tls.certPath and its PEM key, without a passphrase, at gateway.tls.keyPath.',
  ),
  'tls.mismatch': startup(
    'The TLS key does not belong to the certificate.',
    'Point gateway.tls.certPath and gateway.tls.keyPath at a pair that was made together.',
  ),
  'tls.fingerprint_invalid': request(
    'The TLS fingerprint is not a SHA-256 fingerprint.',
    'Write gateway.remote.tlsFingerprint as 64 hex digits, with or without colons.',
  ),
  'tls.fingerprint_mismatch': row(
    'UNAVAILABLE',
    502,
    'The gateway shows another certificate than the one that is pinned.',
    'If the gateway got a new certificate, set gateway.remote.tlsFingerprint to its new fingerprint. If not, do not connect: somebody may be in between.',
  ),
  'feature.unavailable': row('UNAVAILABLE', 501, 'This part is not in this version of the gateway.'),
  'node.not_connected': row('UNAVAILABLE', 503, 'node not connected', 'Start the node and see that it is paired.'),
  'node.failed': row('UNAVAILABLE', 502, 'The node could not carry out the command.'),
  'node.timeout': row('UNAVAILABLE', 504, 'The node did not answer in time.'),
  'tool.path_outside': row('INVALID_REQUEST', 403, 'This path may not be touched.', 'Use a path inside the workspace.'),
  'tool.file_missing': row(
    'INVALID_REQUEST',
    404,
    'The file does not exist.',
    'Check the path; `read` lists a folder.',
  ),
  'tool.file_too_large': row(
    'INVALID_REQUEST',
    413,
    'The file is too large.',
    'Take a part of it with a command such as `head`, `tail` or `grep`.',
  ),
  'tool.file_refused': row(
    'INVALID_REQUEST',
    403,
    'The system refuses this file.',
    'Check what it is, and who may read and write it.',
  ),
  'exec.refused': row(
    'INVALID_REQUEST',
    403,
    'This command may not run.',
    'Do not try it another way; tell the person who asked what is refused and why.',
  ),
  'exec.env_refused': row(
    'INVALID_REQUEST',
    400,
    'This variable may not be set for a command.',
    'Leave it out, or write what you need into the command itself.',
  ),
  'exec.folder_missing': row('INVALID_REQUEST', 404, 'The folder does not exist.', 'Check workdir, or leave it out.'),
  'exec.input_closed': row(
    'INVALID_REQUEST',
    409,
    'The command does not take input any more.',
    'Look at what it wrote with the log action.',
  ),
  'web.address_refused': row(
    'INVALID_REQUEST',
    403,
    'This address may not be opened.',
    'Only public addresses are opened. The owner of the gateway can allow others in tools.web.fetch.ssrfPolicy.',
  ),
  'web.search_failed': retryable(
    'UNAVAILABLE',
    502,
    'The search service did not answer as it should.',
    'Try again, or choose another service in tools.web.search.provider.',
  ),
  'web.search_key': row(
    'UNAVAILABLE',
    424,
    'The search service has no key, or refuses it.',
    'Set tools.web.search.apiKey, or the environment variable of the service.',
  ),
  'web.unreachable': retryable(
    'UNAVAILABLE',
    502,
    'The web address cannot be reached.',
    'Check the address and the network.',
  ),
  'web.timeout': retryable('UNAVAILABLE', 504, 'The web address did not answer in time.', 'Try again later.'),
  'web.bad_response': row('UNAVAILABLE', 502, 'The web address answered in a form that cannot be read.'),
  ...BROWSER_ERRORS,
  'mcp.misconfigured': row('UNAVAILABLE', 424, 'The MCP server has neither a command nor an address.'),
  'mcp.unavailable': retryable(
    'UNAVAILABLE',
    502,
    'The MCP server cannot be reached.',
    'Check mcp.servers in the config, and whether the program or the address works.',
  ),
  'mcp.call_failed': row('UNAVAILABLE', 502, 'The MCP server could not do this.'),
  'sandbox.refused': row(
    'UNAVAILABLE',
    403,
    'The settings of the sandbox are not safe, so nothing runs.',
    'Correct the setting that the message names, or see `openclaw sandbox explain`.',
  ),
  'sandbox.unavailable': row(
    'UNAVAILABLE',
    503,
    'This conversation must run in a sandbox, and none can be made here.',
    'Install Docker or Podman, or see `openclaw sandbox explain`.',
  ),
  'sandbox.setup_failed': row(
    'UNAVAILABLE',
    500,
    'The setup command of the sandbox failed.',
    'Correct agents.defaults.sandbox.docker.setupCommand.',
  ),
  'sandbox.failed': retryable(
    'UNAVAILABLE',
    502,
    'The sandbox did not do what it should.',
    'Try again, or make it anew with `openclaw sandbox recreate`.',
  ),
  'skill.not_found': request('The skill does not exist.', 'Run `openclaw skills list` to see the skills.'),
  'skill.install_refused': request('The skill cannot be installed this way.', 'Install what its SKILL.md asks for.'),
  'skill.install_failed': retryable(
    'UNAVAILABLE',
    502,
    'What the skill needs could not be installed.',
    'Read what the program said, and try again.',
  ),
  'cron.rejected': row('UNAVAILABLE', 400, 'The job is not valid.'),
  'cron.not_found': row(
    'INVALID_REQUEST',
    404,
    'There is no such scheduled job.',
    'Run `openclaw cron list --all` to see the jobs.',
  ),
  'cron.store_broken': row(
    'UNAVAILABLE',
    500,
    'The file with the scheduled jobs cannot be read, so no job runs.',
    'Repair the file, or move it away to begin with an empty schedule. It was not changed.',
  ),
  internal: row('UNAVAILABLE', 500, 'Something went wrong.', 'Try again; the log has the details.'),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ROWS;

export const ERROR_REGISTER: Record<ErrorCode, ErrorRow> = ROWS;

/** The register as rows, for the page that documentation generates from it. */
export function listErrors(): Array<ErrorRow & { code: ErrorCode }> {
  return (Object.keys(ERROR_REGISTER) as ErrorCode[]).map((code) => ({ code, ...ERROR_REGISTER[code] }));
}
