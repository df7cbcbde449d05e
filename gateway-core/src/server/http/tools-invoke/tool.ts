// A tool of the gateway that can be called over HTTP.

export interface ToolContext {
  /** Full key of the conversation on whose behalf the tool is called. */
  sessionKey: string;
  channel?: string;
  accountId?: string;
  to?: string;
  threadId?: string;
}

export interface ToolResult {
  text: string;
  details?: unknown;
}

/** A result whose JSON is ready: for tools that answer the same rows over and over. */
export interface RenderedResult {
  /** `{"content":[…],"details":…}`. */
  json: string;
}

export interface GatewayTool {
  name: string;
  /** True when its arguments have an `action`. */
  hasAction?: boolean;
  /** Throws ToolRefusal for arguments it cannot take. */
  invoke(args: Record<string, unknown>, context: ToolContext): Promise<ToolResult | RenderedResult>;
}

/** Bad arguments (400), something the caller may not do (403), or a tool that a policy keeps from it (404). */
export class ToolRefusal extends Error {
  constructor(
    message: string,
    readonly status: 400 | 403 | 404 = 400,
  ) {
    super(message);
    this.name = 'ToolRefusal';
  }
}
