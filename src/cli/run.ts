import type { LoadedConfig } from '#src/config/config.ts'
import { formatIssue } from '#src/errors.ts'
import type { LedgerLine } from '#src/model/assessment.ts'
import { type Endpoint, parseEndpoint } from '#src/net/listen.ts'
import { createLogger } from '#src/service/log.ts'
import { RequestWatch } from '#src/service/request-watch.ts'
import { Service } from '#src/service/service.ts'
import { layoutOf } from '#src/store/layout.ts'
import { type OpenStore, openStore } from '#src/store/open-store.ts'
import { bannerText } from './banner.ts'
import { performRequest } from './change.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import { endlessReceivers, ONE_SHOT_ATTEMPTS, onceSets, withoutReceivers } from './once.ts'
import type { RunOptions } from './options.ts'
import { ownName } from './own-name.ts'
import { progressLine } from './progress.ts'

const PROGRESS_INTERVAL_MS = 100

/** Runs the pipelines until a signal comes, or with `--once` until all input that is there has been read. */
export async function run(options: RunOptions, io: Io): Promise<number> {
  const { config, leftOut } = await configurationOf(options, io)
  if (options.tellUnused !== false) for (const warning of config.warnings) io.stderr.write(`${formatIssue(warning)}\n`)
  const store = await openStore({ directory: config.service.storage.directory, mode: 'write', nowMs: io.nowMs })
  try {
    await runService({ config, leftOut }, store, options.once, io)
  } finally {
    await store.close()
  }
  return EXIT.fine
}

interface RunConfig {
  readonly config: LoadedConfig
  /** Receivers of pipelines that do not run. */
  readonly leftOut: readonly string[]
}

async function configurationOf(options: RunOptions, io: Io): Promise<RunConfig> {
  const config = await loadConfiguration(options, io)
  if (!options.once) return { config, leftOut: [] }
  const leftOut = endlessReceivers(config)
  const once = await loadConfiguration({ ...options, set: [...options.set, ...onceSets(config)] }, io)
  return { config: withoutReceivers(once, leftOut), leftOut }
}

async function runService({ config, leftOut }: RunConfig, store: OpenStore, once: boolean, io: Io): Promise<void> {
  const { level, format } = config.service.telemetry.logs
  const pretty = format === 'pretty' || (format === 'auto' && io.stderr.isTTY === true)
  const loggerFor = createLogger(level, pretty ? 'pretty' : 'json', io.stderr)
  const log = loggerFor('service')
  for (const repair of store.report) log.warn({}, repair)
  if (leftOut.length > 0) log.info({ receivers: leftOut.join(', ') }, 'left out of this run: their input never ends')
  let assessed = 0
  const service = new Service({
    config,
    store,
    loggerFor,
    nowMs: io.nowMs,
    ...(once ? { maxAttempts: ONE_SHOT_ATTEMPTS } : undefined),
    onStarted: io.loaded,
    onCommitted: (lines) => {
      assessed += lines.length
      log.info({ sessions: lines.length, last: lastOf(lines) }, 'sessions assessed')
    },
  })
  const stopSignal = waitForSignal()
  const requests = new RequestWatch({
    folder: layoutOf(store.directory).requests,
    perform: async (request) => {
      const { changes } = await import('./changes.ts')
      return performRequest(request, changes, { store, config, nowMs: io.nowMs })
    },
    log,
    nowMs: io.nowMs,
  })
  const progress = showProgress(service, io)
  try {
    const endpoint = config.service.admin.endpoint
    const admin = once || endpoint === '' ? undefined : await startAdmin(service, parseEndpoint(endpoint))
    await service.start()
    if (!once) {
      requests.start()
      io.stderr.write(bannerText(config, store.directory, admin, ownName(io)))
    }
    log.info({}, 'Everything is ready. Begin running and processing data.')
    // Its libraries take longer to load than all of the rest.
    if (!once) await service.startMetricsExport()
    await Promise.race([
      stopSignal,
      once ? service.inputFinished().then(() => service.finish()) : new Promise(() => {}),
    ])
  } finally {
    progress.end()
    await requests.stop()
    await service.stop()
  }
  const { files, doneBytes } = service.inputRead()
  log.info({ files, bytes: doneBytes, sessions_assessed: assessed }, once ? 'done' : 'stopped; open sessions are saved')
}

async function startAdmin(service: Service, endpoint: Endpoint): Promise<string> {
  const port = await service.startAdmin(endpoint)
  return `http://${endpoint.host}:${port}`
}

function lastOf(lines: readonly LedgerLine[]): string | undefined {
  const last = lines.at(-1)
  return last === undefined ? undefined : `${last.agent_type} ${last.session_id}`
}

function showProgress(service: Service, io: Io): { end(): void } {
  const line = progressLine(io.stderr, () => performance.now())
  const timer = setInterval(() => {
    const read = service.inputRead()
    if (read.doneBytes < read.knownBytes) line.update(read)
    else line.clear()
  }, PROGRESS_INTERVAL_MS)
  return {
    end() {
      clearInterval(timer)
      line.clear()
    },
  }
}

function waitForSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}
