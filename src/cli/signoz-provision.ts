import { readdir, readFile } from 'node:fs/promises'
import * as z from 'zod'
import { EnvironmentError } from '#src/errors.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import type { SignozProvisionOptions } from './options.ts'
import { SignozApi, type SignozLogin } from './signoz-api.ts'
import { pageBeside } from './signoz-check.ts'
import { signozExporters } from './signoz-exporters.ts'

const DEFAULT_WAIT_S = 60
const PAGE_SIZE = 200

/** Marks what is agentperf's, in tags of dashboards and labels of rules. */
const OWN = { key: 'tool', value: 'agentperf' }

const thresholdSchema = z.looseObject({ channels: z.array(z.string()) })
const ruleSchema = z.looseObject({
  alert: z.string(),
  condition: z.looseObject({ thresholds: z.looseObject({ spec: z.array(thresholdSchema) }) }),
})
const dashboardSchema = z.looseObject({
  name: z.string(),
  spec: z.looseObject({ display: z.looseObject({ name: z.string() }) }),
})

const dashboardListSchema = z.object({
  data: z.object({
    dashboards: z
      .array(
        z.object({
          id: z.string(),
          name: z.string(),
          locked: z.boolean().optional(),
          tags: z.array(z.object({ key: z.string(), value: z.string() })).nullish(),
        }),
      )
      .nullable(),
  }),
})
const presentRule = z.looseObject({
  id: z.string(),
  alert: z.string(),
  labels: z.record(z.string(), z.string()).nullish(),
  disabled: z.boolean().nullish(),
  condition: z.looseObject({ thresholds: z.looseObject({ spec: z.array(thresholdSchema) }).nullish() }),
})
const ruleListSchema = z.object({
  data: z.union([z.array(z.unknown()), z.object({ rules: z.array(z.unknown()) })]).nullable(),
})
const channelListSchema = z.object({ data: z.array(z.object({ name: z.string() })).nullable() })

type Rule = z.infer<typeof ruleSchema>

/** What became of one dashboard or rule. */
interface Provisioned {
  readonly kind: 'dashboard' | 'rule'
  readonly name: string
  readonly outcome: 'created' | 'updated' | 'locked' | 'left out'
  readonly hint?: string
}

/**
 * Creates agentperf's dashboards and alert rules in SigNoz, or brings them up to date: run twice it is as run once.
 * Thresholds, channels and whether a rule is switched off stay as they were set there.
 */
export async function provisionSignoz(options: SignozProvisionOptions, io: Io): Promise<number> {
  const page = options.url ?? (io.env.SIGNOZ_URL || (await pageOfExporter(options, io)))
  const files = await filesOf(options.packageRoot)
  const api = await SignozApi.open(page, loginOf(io.env), (options.wait ?? DEFAULT_WAIT_S) * 1000)
  if (options.channel !== undefined) await checkChannel(api, options.channel)
  const done: Provisioned[] = []
  try {
    for await (const one of provisionDashboards(api, files)) done.push(one)
    for await (const one of provisionRules(api, files, options.channel)) done.push(one)
  } finally {
    // What was done is done, also when the rest fails.
    if (done.length > 0) io.stdout.write(options.json ? `${JSON.stringify(done, null, 2)}\n` : textOf(done, page))
  }
  return done.some(({ outcome }) => outcome === 'locked') ? EXIT.finding : EXIT.fine
}

async function* provisionDashboards(api: SignozApi, files: ReadonlyMap<string, unknown>): AsyncGenerator<Provisioned> {
  const present = await presentDashboards(api)
  for (const [file, content] of files) {
    if (!file.startsWith('dashboard-')) continue
    const dashboard = dashboardSchema.parse(content)
    const { name } = dashboard.spec.display
    const found = present.get(dashboard.name)
    if (found?.locked === true) {
      yield {
        kind: 'dashboard',
        name,
        outcome: 'locked',
        hint: 'unlock it in SigNoz to have it brought up to date',
      }
    } else if (found === undefined) {
      await api.send('POST', '/api/v2/dashboards', dashboard)
      yield { kind: 'dashboard', name, outcome: 'created' }
    } else {
      await api.send('PUT', `/api/v2/dashboards/${found.id}`, dashboard)
      yield { kind: 'dashboard', name, outcome: 'updated' }
    }
  }
}

/** SigNoz takes a name twice: those that are there are looked for. */
async function presentDashboards(
  api: SignozApi,
): Promise<ReadonlyMap<string, { readonly id: string; readonly locked?: boolean | undefined }>> {
  const found = new Map<string, { readonly id: string; readonly locked?: boolean | undefined }>()
  for (let offset = 0; ; offset += PAGE_SIZE) {
    const { data } = await api.get(`/api/v2/dashboards?limit=${PAGE_SIZE}&offset=${offset}`, dashboardListSchema)
    const dashboards = data.dashboards ?? []
    for (const { id, name, locked, tags } of dashboards) {
      const isOwn = (tags ?? []).some(({ key, value }) => key === OWN.key && value === OWN.value)
      if (isOwn && !found.has(name)) found.set(name, { id, locked })
    }
    if (dashboards.length < PAGE_SIZE) return found
  }
}

async function* provisionRules(
  api: SignozApi,
  files: ReadonlyMap<string, unknown>,
  channel: string | undefined,
): AsyncGenerator<Provisioned> {
  const { data } = await api.get('/api/v2/rules', ruleListSchema)
  const listed = data === null ? [] : Array.isArray(data) ? data : data.rules
  // Rules of others may have shapes of their own.
  const present = listed.flatMap((rule) => presentRule.safeParse(rule).data ?? [])
  for (const [file, content] of files) {
    if (!file.startsWith('rule-')) continue
    const rule = ruleSchema.parse(content)
    const name = rule.alert
    const found = present.find(({ alert, labels }) => alert === name && labels?.[OWN.key] === OWN.value)
    if (found === undefined && channel === undefined) {
      yield { kind: 'rule', name, outcome: 'left out', hint: 'name a notification channel of SigNoz: --channel' }
    } else if (found === undefined) {
      await api.send('POST', '/api/v2/rules', withThresholds(rule, rule.condition.thresholds, channel))
      yield { kind: 'rule', name, outcome: 'created' }
    } else {
      const thresholds = found.condition.thresholds ?? rule.condition.thresholds
      const body = { ...withThresholds(rule, thresholds, channel), disabled: found.disabled ?? false }
      await api.send('PUT', `/api/v2/rules/${found.id}`, body)
      yield { kind: 'rule', name, outcome: 'updated' }
    }
  }
}

function withThresholds(rule: Rule, thresholds: Rule['condition']['thresholds'], channel: string | undefined): Rule {
  const spec = thresholds.spec.map((one) => ({ ...one, channels: channel === undefined ? one.channels : [channel] }))
  return { ...rule, condition: { ...rule.condition, thresholds: { ...thresholds, spec } } }
}

async function checkChannel(api: SignozApi, channel: string): Promise<void> {
  const names = ((await api.get('/api/v1/channels', channelListSchema)).data ?? []).map(({ name }) => name)
  if (names.includes(channel)) return
  const known = names.length === 0 ? 'it has none yet' : `it has ${names.join(', ')}`
  throw new EnvironmentError(
    `SigNoz has no notification channel ${channel}; ${known}. Create it there first (Settings, Notification Channels).`,
  )
}

async function filesOf(packageRoot: URL): Promise<ReadonlyMap<string, unknown>> {
  const folder = new URL('docker/signoz/', packageRoot)
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted()
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, JSON.parse(await readFile(new URL(name, folder), 'utf8'))] as const),
    ),
  )
}

async function pageOfExporter(options: SignozProvisionOptions, io: Io): Promise<string> {
  for (const { target, config } of signozExporters(await loadConfiguration(options, io))) {
    const page = target === undefined || config.region !== undefined ? undefined : pageBeside(target.endpoint)
    if (page !== undefined) return page
  }
  throw new EnvironmentError('Where is SigNoz’s page? Say it with --url or SIGNOZ_URL, as http://127.0.0.1:8080.')
}

function loginOf({ SIGNOZ_API_KEY: key, SIGNOZ_EMAIL: email, SIGNOZ_PASSWORD: password }: Io['env']): SignozLogin {
  if (key) return { kind: 'key', key }
  if (email && password) return { kind: 'password', email, password }
  throw new EnvironmentError(
    'Who may write to SigNoz? Set SIGNOZ_API_KEY to the key of a service account with the role Editor, or SIGNOZ_EMAIL and SIGNOZ_PASSWORD.',
  )
}

function textOf(done: readonly Provisioned[], page: string): string {
  const lines = done.map(({ kind, name, outcome, hint }) => {
    const line = `${outcome.padEnd(8)}  ${kind.padEnd(9)}  ${name}`
    return hint === undefined ? line : `${line}: ${hint}`
  })
  return `${lines.join('\n')}\nSee ${new URL('/dashboard', page).href}\n`
}
