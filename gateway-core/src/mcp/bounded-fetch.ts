// The fetch of MCP servers over HTTP: the answer to one request has a limit, as that of a program has.

/** As much as the SDK takes from a program in one message. */
export const MAX_ANSWER_BYTES = 10 * 1024 * 1024;

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;
type OnBroken = (why: unknown) => void;

function limited(body: ReadableStream<Uint8Array>, onBroken: OnBroken): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let total = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        total += value.length;
        if (total > MAX_ANSWER_BYTES) throw new Error(`its answer has more than ${MAX_ANSWER_BYTES} bytes`);
        controller.enqueue(value);
      } catch (error) {
        controller.error(error);
        onBroken(error);
        await reader.cancel(error);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/**
 * Makes a fetch. What is asked for with GET is the stream of a whole connection, which has no end and no limit.
 * `onBroken` hears of an answer that broke off or was too long: the SDK would let its request wait for another one.
 */
export function createBoundedFetch(onBroken: OnBroken): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    const { body, status, statusText, headers } = response;
    if (!body || (init?.method ?? 'GET').toUpperCase() === 'GET') return response;
    return new Response(limited(body, onBroken), { status, statusText, headers });
  };
}
