import * as z from 'zod'
import { commandHook, type HookHandler, httpHook, targetOf } from './claude-hook-command.ts'

const groupSchema = z.looseObject({ hooks: z.array(z.looseObject({})) })

/** Claude Code's settings, as far as they matter here; the rest is kept as it is. */
export const settingsSchema = z.looseObject({
  hooks: z.record(z.string(), z.array(groupSchema)).optional(),
  env: z.record(z.string(), z.unknown()).optional(),
})

export type Settings = z.infer<typeof settingsSchema>

/** What agentperf adds to settings. */
export interface Additions {
  /** By event. */
  readonly hooks: Readonly<Record<string, HookHandler>>
  readonly env: Readonly<Record<string, string>>
}

/** Their answer is read, and over HTTP the first cannot be sent at all. */
const ANSWERED = ['SessionStart', 'SubagentStart'] as const

/** Events that agentperf makes something of. */
export const WANTED_EVENTS = [
  ...ANSWERED,
  'SessionEnd',
  'UserPromptSubmit',
  'PostToolUse',
  'PostToolUseFailure',
  'PermissionDenied',
  'SubagentStop',
  'TaskCreated',
  'TaskCompleted',
  'PostCompact',
  'Stop',
  'StopFailure',
] as const

export type WantedEvent = (typeof WANTED_EVENTS)[number]

/** @param http whether the client knows hooks over HTTP; else all are commands */
export function hooksFor(events: readonly WantedEvent[], url: string, http: boolean): Additions['hooks'] {
  const isAnswered = (event: WantedEvent): boolean => ANSWERED.some((one) => one === event)
  return Object.fromEntries(
    events.map((event) => [event, isAnswered(event) || !http ? commandHook(url) : httpHook(url)]),
  )
}

/** What makes Claude Code send its own telemetry. @param endpoint of OTLP over HTTP */
export function telemetryEnv(endpoint: string): Additions['env'] {
  return {
    CLAUDE_CODE_ENABLE_TELEMETRY: '1',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  }
}

/** The settings with what agentperf needs, behind what is there. */
export function withAdditions(settings: Settings, { hooks, env }: Additions): Settings {
  const groups = { ...settings.hooks }
  for (const [event, handler] of Object.entries(hooks)) {
    groups[event] = [...(groups[event] ?? []), { hooks: [{ ...handler }] }]
  }
  return {
    ...settings,
    ...(Object.keys(env).length > 0 && { env: { ...settings.env, ...env } }),
    ...(Object.keys(hooks).length > 0 && { hooks: groups }),
  }
}

/** What of it is not there yet: a variable that somebody has set is theirs. */
export function absentOf({ hooks, env }: Additions, settings: Settings): Additions {
  const absent = Object.entries(env).filter(([name]) => settings.env?.[name] === undefined)
  return { hooks, env: Object.fromEntries(absent) }
}

/** The settings without hooks of agentperf, by whichever installation, and without these variables. */
export function withoutAdditions(settings: Settings, added: Additions): Settings {
  const { hooks: groups, env: variables, ...rest } = settings
  const urls = urlsOf(settings, added)
  const keptGroups = Object.entries(groups ?? {}).flatMap(([event, all]) => {
    const kept = all.flatMap((group) => groupWithout(group, urls))
    return kept.length === 0 && all.length > 0 ? [] : [[event, kept] as const]
  })
  const keptVariables = Object.entries(variables ?? {}).filter(([name, value]) => added.env[name] !== value)
  return {
    ...rest,
    ...(isLeft(variables, keptVariables) && { env: Object.fromEntries(keptVariables) }),
    ...(isLeft(groups, keptGroups) && { hooks: Object.fromEntries(keptGroups) }),
  }
}

/** What was empty before stays. */
function isLeft(before: object | undefined, kept: readonly unknown[]): boolean {
  return before !== undefined && (kept.length > 0 || Object.keys(before).length === 0)
}

/** Addresses of agentperf: every installation writes a command, which cannot be taken for one of others. */
function urlsOf({ hooks: groups = {} }: Settings, added: Additions): ReadonlySet<unknown> {
  const handlers = Object.values(groups).flatMap((all) => all.flatMap(({ hooks }) => hooks))
  const recorded = Object.values(added.hooks).map((hook) => (hook.type === 'http' ? hook.url : undefined))
  return new Set([...handlers.map(({ command }) => targetOf(command)), ...recorded].filter((url) => url !== undefined))
}

type Group = z.infer<typeof groupSchema>

function groupWithout(group: Group, urls: ReadonlySet<unknown>): readonly Group[] {
  const kept = group.hooks.filter(({ type, url, command }) =>
    type === 'http' ? !urls.has(url) : targetOf(command) === undefined,
  )
  return kept.length === 0 && group.hooks.length > 0 ? [] : [{ ...group, hooks: kept }]
}
