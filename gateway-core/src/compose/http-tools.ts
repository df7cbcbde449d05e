// The tools that can be called over HTTP, as the endpoint takes them.
import { createHttpToolInvoker, type HttpToolInvoker, type HttpToolInvokerOptions } from '../agent-tools/index.js';
import { type GatewayTool, type ToolContext, ToolRefusal } from '../server/http/tools-invoke/index.js';

export type HttpToolsOptions = HttpToolInvokerOptions;

function gatewayTool(name: string, invoker: HttpToolInvoker): GatewayTool {
  return {
    name,
    // Every tool may be sent one; those that know none do not see it.
    hasAction: true,
    async invoke(args: Record<string, unknown>, { sessionKey, channel }: ToolContext) {
      const json = await invoker.invoke({ name, args, sessionKey, channel });
      if (json === undefined) throw new ToolRefusal(`Tool not available: ${name}`, 404);
      return { json };
    },
  };
}

/** Tools by name; without `openToolbox` those that look at conversations alone. */
export function createHttpTools(options: HttpToolsOptions): ReadonlyMap<string, GatewayTool> {
  const invoker = createHttpToolInvoker(options);
  return new Map(invoker.names().map((name) => [name, gatewayTool(name, invoker)]));
}
