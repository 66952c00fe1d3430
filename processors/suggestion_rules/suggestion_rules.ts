import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context, Next, Processor, ProcessorFactory } from '#src/component.ts'
import type { Assessment, LedgerLine } from '#src/model/assessment.ts'
import { removeLeftovers, safeFileName, syncDirectory, writeFileAtomic } from '#src/store/atomic-file.ts'
import { severalAtOnce } from '#src/store/several-at-once.ts'
import { compileRule } from '#src/suggestion/rule.ts'
import { sessionArm } from '#src/suggestion/session-arm.ts'
import { sessionDocument } from '#src/suggestion/session-document.ts'
import { suggest } from '#src/suggestion/suggest.ts'
import { OWN_FILES } from './active-file.ts'
import { AgentFileHashes } from './agent-file-hash.ts'
import { type Config, configSchema } from './config.ts'
import { effectiveRules, vocabularyOf } from './effective-rules.ts'
import { Trials } from './trials.ts'

/** Proposes optimisations after each session, from rules. */
export const suggestionRules: ProcessorFactory<Config, 'assessment', 'assessment'> = {
  kind: 'processor',
  type: 'suggestion_rules',
  stability: 'beta',
  description: 'Proposes optimisations from rules, each with its numbers, what to do, and what to expect of it.',
  consumes: 'assessment',
  produces: 'assessment',
  configSchema,
  create: (config, context, next) => createProcessor(config, context, next),
}

function createProcessor(config: Config, context: Context, next: Next<'assessment'>): Processor<'assessment'> {
  const vocabulary = vocabularyOf(config)
  const rules = effectiveRules(config).map((rule) => compileRule(rule, config.policy, vocabulary))
  const directory = config.directory ?? join(context.store.directory, 'optimizations')

  const agentFiles = new AgentFileHashes(config.agents_directory)
  const trials = new Trials({ config, context, rules, directory })

  function propose(assessment: Assessment): Assessment {
    const { line } = assessment
    const { suggestions, notes } = suggest(line, rules, config.policy)
    const { agent_type: agentType, session_id: sessionId } = line
    const known = context.store.suggestions
    const arm = sessionArm(sessionId, known.of(agentType), known.assignmentsOf(agentType))
    const hash = agentFiles.of(agentType, Date.parse(line.started_at))
    const agentFile = hash === undefined ? {} : { agent_file_hash: hash }
    return { ...assessment, line: { ...line, ...arm, ...agentFile, suggestions, notes: [...line.notes, ...notes] } }
  }

  /**
   * The file is there when the session's last revision has suggestions, whatever the one before it had.
   *
   * @returns whether it was written; its folder is not synced
   */
  async function renewFile(line: LedgerLine): Promise<boolean> {
    const path = join(directory, fileNameOf(line.session_id))
    if (line.suggestions.length > 0) {
      return writeFileAtomic(path, `${JSON.stringify(sessionDocument(line, rules), undefined, 2)}\n`, 'unsynced')
    }
    if (existsSync(path)) await rm(path, { force: true })
    return false
  }

  return {
    async start() {
      if (context.store.ephemeral) return
      await removeLeftovers(directory)
      await trials.start()
    },
    stop: () => trials.stop(),
    async consume(batch) {
      await next(batch.map(propose))
      context.items.received(batch.length)
      context.items.settled('used', batch.length)
    },
    async settle(assessment) {
      if (!context.store.ephemeral) await trials.settle(assessment)
    },
    async committed(batch) {
      if (context.store.ephemeral) return
      await trials.renewFiles()
      // The last revision of each session.
      const lines = new Map(batch.filter(({ live }) => !live).map(({ line }) => [line.session_id, line]))
      const changes = await severalAtOnce([...lines.values()], renewFile)
      if (changes.includes(true)) await syncDirectory(directory)
    },
  }
}

/** A session that is called as another file is gets a name that no session can have. */
function fileNameOf(sessionId: string): string {
  const name = `${safeFileName(sessionId)}.json`
  return Object.values<string>(OWN_FILES).includes(name) ? `~${name}` : name
}
