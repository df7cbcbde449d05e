// gateway.*: port, bind, sign-in, the window, HTTP, TLS (spec/gateway-config.md §6).
import { either, flag, list, oneOf, positive, secret, shape, text, texts, whole } from './fields.js';

const auth = () =>
  shape({
    mode: oneOf('none', 'token', 'password', 'trusted-proxy'),
    token: secret(),
    password: secret(),
    allowTailscale: flag(),
    rateLimit: shape({
      maxAttempts: positive(),
      windowMs: positive(),
      lockoutMs: positive(),
      exemptLoopback: flag(),
    }),
    trustedProxy: shape({
      userHeader: text(),
      requiredHeaders: texts(),
      allowUsers: texts(),
      allowLoopback: flag(),
    }),
  });

const controlUi = () =>
  shape({
    enabled: flag(),
    basePath: text(),
    root: text(),
    allowedOrigins: texts(),
    embedSandbox: oneOf('strict', 'scripts', 'trusted'),
    allowExternalEmbedUrls: flag(),
    allowInsecureAuth: flag(),
    dangerouslyAllowHostHeaderOriginFallback: flag(),
    dangerouslyDisableDeviceAuth: flag(),
  });

const fetchedMedia = () => ({
  allowUrl: flag(),
  urlAllowlist: texts(),
  allowedMimes: texts(),
  maxBytes: positive(),
  maxRedirects: whole(),
  timeoutMs: positive(),
});

const http = () =>
  shape({
    endpoints: shape({
      chatCompletions: shape({
        enabled: flag(),
        maxBodyBytes: positive(),
        maxImageParts: whole(),
        maxTotalImageBytes: positive(),
        images: shape(fetchedMedia()),
      }),
      responses: shape({
        enabled: flag(),
        maxBodyBytes: positive(),
        maxUrlParts: whole(),
        files: shape({
          ...fetchedMedia(),
          maxChars: positive(),
          pdf: shape({ maxPages: positive(), maxPixels: positive(), minTextChars: whole() }),
        }),
        images: shape(fetchedMedia()),
      }),
    }),
    securityHeaders: shape({ strictTransportSecurity: either(text(), oneOf(false)) }),
  });

const remote = () =>
  shape({
    enabled: flag(),
    url: text(),
    transport: oneOf('ssh', 'direct'),
    token: secret(),
    password: secret(),
    tlsFingerprint: text(),
    sshTarget: text(),
    sshIdentity: text(),
  });

const nodes = () =>
  shape({
    browser: shape({ mode: oneOf('auto', 'manual', 'off'), node: text() }),
    pairing: shape({ autoApproveCidrs: texts() }),
    allowCommands: texts(),
    denyCommands: texts(),
  });

export const gatewaySection = () =>
  shape({
    mode: oneOf('local', 'remote'),
    port: whole(1),
    bind: oneOf('auto', 'lan', 'loopback', 'custom', 'tailnet'),
    customBindHost: text(),
    auth: auth(),
    trustedProxies: list(text()),
    allowRealIpFallback: flag(),
    controlUi: controlUi(),
    remote: remote(),
    tailscale: shape({ mode: oneOf('off', 'serve', 'funnel'), resetOnExit: flag() }),
    tls: shape({ enabled: flag(), autoGenerate: flag(), certPath: text(), keyPath: text(), caPath: text() }),
    reload: shape({ mode: oneOf('off', 'restart', 'hot', 'hybrid'), debounceMs: whole(), deferralTimeoutMs: whole() }),
    http: http(),
    tools: shape({ allow: texts(), deny: texts() }),
    nodes: nodes(),
    webchat: shape({ chatHistoryMaxChars: positive() }),
    channelHealthCheckMinutes: whole(),
    channelStaleEventThresholdMinutes: whole(1),
    channelMaxRestartsPerHour: whole(1),
    handshakeTimeoutMs: positive(),
    push: shape({ apns: shape({ relay: shape({ baseUrl: text(), timeoutMs: positive() }) }) }),
  });
