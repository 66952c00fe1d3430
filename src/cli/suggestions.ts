import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { configSchema } from '#processors/suggestion_rules/config.ts'
import { proposalPath, revert } from '#processors/suggestion_rules/promotion.ts'
import { takeEdits, writeProjections } from '#processors/suggestion_rules/trials.ts'
import type { LoadedConfig } from '#src/config/config.ts'
import { visibleText } from '#src/report/visible-text.ts'
import { writeFileAtomic } from '#src/store/atomic-file.ts'
import { errorCode, fileError } from '#src/store/file-error.ts'
import { openStore } from '#src/store/open-store.ts'
import { latestLines } from '#src/store/read-ledger.ts'
import { type Arrivals, arrivals } from '#src/suggestion/arrivals.ts'
import { impactText } from '#src/suggestion/impact-text.ts'
import { handEvent } from '#src/suggestion/next-events.ts'
import { applyEvent, type SuggestionLife, type TrialLife } from '#src/suggestion/suggestion-life.ts'
import { type Change, makeChange } from './change.ts'
import { loadConfiguration } from './configuration.ts'
import { EXIT, type Io } from './io.ts'
import type { SuggestionsOptions } from './options.ts'
import { type Column, renderTable, tableStyle } from './table.ts'

const COLUMNS: readonly Column[] = [
  { header: 'id' },
  { header: 'agent type', minWidth: 12 },
  { header: 'state' },
  { header: 'with', align: 'right', priority: 2 },
  { header: 'without', align: 'right', priority: 2 },
  { header: 'effect', align: 'right', priority: 1 },
  { header: 'suggestion', minWidth: 16 },
]

/** Shows what became of suggestions, and lets a person switch one off and on. */
export async function run(options: SuggestionsOptions, io: Io): Promise<number> {
  const config = await loadConfiguration(options, io)
  const { id = '' } = options
  switch (options.action) {
    case 'list':
      return list(config, options, io)
    case 'show':
      return show(config, options, io)
    case 'disable':
      return makeChange(changeSuggestion, { id, event: 'disabled' }, config, io)
    case 'enable':
      return makeChange(changeSuggestion, { id, event: 'enabled' }, config, io)
    case 'revert':
      return makeChange(changeSuggestion, { id, event: 'reverted' }, config, io)
  }
}

async function list(config: LoadedConfig, { agentType, json }: SuggestionsOptions, io: Io): Promise<number> {
  const lives = (await readLives(config, io)).filter((life) => agentType === undefined || life.agentType === agentType)
  if (json) io.stdout.write(`${JSON.stringify(lives, null, 2)}\n`)
  else if (lives.length > 0) io.stdout.write(renderTable(COLUMNS, lives.map(cellsOf), tableStyle(io.stdout, io.env)))
  else io.stderr.write('There are no suggestions yet: they come from sessions that are worse than usual.\n')
  return EXIT.fine
}

function cellsOf(life: SuggestionLife): readonly string[] {
  const { change, change_low: low, change_high: high } = life.verdict?.evidence ?? {}
  const known = change !== undefined && low !== undefined && high !== undefined
  return [
    life.id,
    life.agentType,
    life.outcome === undefined ? life.state : `${life.state} (${life.outcome})`,
    String(life.trial?.assignments.filter(({ arm }) => arm === 'treated').length ?? 0),
    String(life.trial?.assignments.filter(({ arm }) => arm === 'control').length ?? 0),
    known ? `${percent(change)} (${percent(low)} to ${percent(high)})` : '-',
    life.title,
  ]
}

function percent(share: number): string {
  return `${share < 0 ? '' : '+'}${(share * 100).toFixed(0)}%`
}

async function show(config: LoadedConfig, { id = '', json }: SuggestionsOptions, io: Io): Promise<number> {
  const life = find(await readLives(config, io), id, io)
  if (life === undefined) return EXIT.finding
  const arrived = life.trial === undefined ? undefined : arrivalsOf(config, life.trial)
  const proposal = await proposalOf(life, foldersOf(config).directory)
  if (json) io.stdout.write(`${JSON.stringify({ ...life, arrivals: arrived, proposal }, null, 2)}\n`)
  else io.stdout.write(textOf(life, arrived) + proposalText(life, proposal))
  return EXIT.fine
}

interface Proposal {
  readonly path: string
  readonly text: string
}

/** The lines for the agent's file; `undefined` for what is not proven, or where the file was taken away. */
async function proposalOf({ id, state }: SuggestionLife, directory: string): Promise<Proposal | undefined> {
  if (state !== 'proven' && state !== 'promoted') return undefined
  const path = proposalPath(directory, id)
  try {
    return { path, text: await readFile(path, 'utf8') }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw fileError('Cannot read', path, error)
  }
}

function proposalText({ agentType, state }: SuggestionLife, proposal: Proposal | undefined): string {
  if (proposal === undefined) return ''
  const what = `${visibleText(proposal.path)} has the lines for the file of ${visibleText(agentType)}`
  const then = state === 'proven' ? ', marks included: once they are there, it is taken as promoted' : ''
  return `\n${what}${then}:\n\n${proposal.text.split('\n').map(visibleText).join('\n')}`
}

function arrivalsOf(config: LoadedConfig, trial: TrialLife): Arrivals {
  const told = new Map<string, number | undefined>()
  const wanted = new Set(Object.keys(trial.injectedCharacters))
  // A subagent's is in the line of its session, whatever agent type that has.
  for (const { session_id, context_characters, invocations } of latestLines(config.service.storage.directory)) {
    if (wanted.size === 0) break
    if (wanted.delete(session_id)) told.set(session_id, context_characters)
    for (const { invocation_id: id, context_characters: characters } of invocations) {
      if (wanted.delete(id)) told.set(id, characters)
    }
  }
  return arrivals(trial, (id) => told.get(id))
}

function textOf(life: SuggestionLife, arrived: Arrivals | undefined): string {
  const numbers = Object.entries(life.verdict?.evidence ?? {}).map(
    ([name, value]) => `  ${name}: ${Number(value.toPrecision(3))}\n`,
  )
  const rows = [
    ['title', life.title],
    ['agent type', life.agentType],
    ['state', life.outcome === undefined ? life.state : `${life.state} (${life.outcome})`],
    ['since', life.since],
    ['because', life.reason],
    ['proposed after', life.sourceSessionId],
    ['expected', impactText(life.expectedImpact)],
    ['says', life.implementation],
    ...(life.trial === undefined ? [] : [['sessions', `${life.trial.assignments.length} assigned`]]),
    ...(arrived === undefined ? [] : [['arrived', arrivalText(arrived)]]),
    ...(life.verdict === undefined ? [] : [['decided by', life.verdict.rule]]),
  ]
  return `${life.id}\n${rows.map(([name = '', text = '']) => `  ${name.padEnd(15)}${visibleText(text)}\n`).join('')}${numbers.join('')}`
}

/** By the client's word. */
function arrivalText({ arrived, lost, untold }: Arrivals): string {
  const parts = [
    `in ${arrived} of ${arrived + lost + untold} sessions`,
    ...(lost === 0 ? [] : [`not in ${lost}`]),
    ...(untold === 0 ? [] : [`unknown of ${untold}`]),
  ]
  return parts.join(', ')
}

const changeSchema = z.strictObject({ id: z.string(), event: z.enum(['disabled', 'enabled', 'reverted']) })

/** What a person says of a suggestion; a running agentperf makes it in its turn. */
export const changeSuggestion: Change<z.infer<typeof changeSchema>> = {
  name: 'change_suggestion',
  schema: changeSchema,
  async perform({ id, event }, { store, config, io }) {
    const { directory: files, agents } = foldersOf(config)
    const at = new Date(io.nowMs()).toISOString()
    // They would be overwritten below.
    const { problem } = await takeEdits(files, store, at)
    if (problem !== undefined) io.stderr.write(`agentperf: ${problem}.\n`)
    const life = find(store.suggestions.all(), id, io)
    if (life === undefined) return EXIT.finding
    const said = handEvent(life, event, 'agentperf suggestions', at)
    if ('refused' in applyEvent(life, said)) return refused(life, event, io)
    // The file first: what is on record as reverted cannot be reverted again.
    const file = event === 'reverted' ? await revert(life, { agents_directory: agents }) : undefined
    if (file !== undefined && 'why' in file) {
      io.stderr.write(`${life.id} was not found where it was put, and stays ${life.state}: ${visibleText(file.why)}. `)
      io.stderr.write('Is agents_directory (suggestion_rules) the one that it was promoted with?\n')
      return EXIT.finding
    }
    try {
      const [taken] = await store.suggestions.append([said])
      // A session may have said something of it in between.
      if (taken === undefined) return refused(store.suggestions.get(life.id) ?? life, event, io)
    } catch (error) {
      if (file !== undefined) await writeFileAtomic(file.path, file.text)
      throw error
    }
    await writeProjections(files, store)
    const after = event === 'enabled' ? 'proposed again, and tried from the agent’s next session on' : event
    io.stdout.write(`${life.id} (${visibleText(life.title)}) is ${after}.\n`)
    return EXIT.fine
  },
}

function refused({ id, state }: SuggestionLife, event: string, io: Pick<Io, 'stderr'>): number {
  io.stderr.write(`${id} is ${state}: it cannot be ${event}.\n`)
  return EXIT.finding
}

async function readLives(config: LoadedConfig, io: Io): Promise<readonly SuggestionLife[]> {
  const { directory } = config.service.storage
  const store = await openStore({ directory, mode: 'ephemeral', nowMs: io.nowMs })
  try {
    return store.suggestions.all()
  } finally {
    await store.close()
  }
}

/** The suggestion with an id, or the only one whose id begins so, with or without `opt-`. */
function find(lives: readonly SuggestionLife[], id: string, io: Pick<Io, 'stderr'>): SuggestionLife | undefined {
  const exact = lives.find((life) => life.id === id)
  const found =
    exact === undefined ? lives.filter((life) => [id, `opt-${id}`].some((one) => life.id.startsWith(one))) : [exact]
  if (id !== '' && found.length === 1) return found[0]
  const count = found.length === 0 ? 'none' : `${found.length} of them`
  io.stderr.write(`Expected the id of a suggestion, found ${count} for ${JSON.stringify(visibleText(id))}. `)
  io.stderr.write('`agentperf suggestions list` lists them.\n')
  return undefined
}

function foldersOf(config: LoadedConfig): { readonly directory: string; readonly agents: string | undefined } {
  const configured = [...config.processors.values()].find(({ type }) => type === 'suggestion_rules')
  const { directory, agents_directory: agents } = configSchema.parse(configured?.config ?? {})
  return { directory: directory ?? join(config.service.storage.directory, 'optimizations'), agents }
}
