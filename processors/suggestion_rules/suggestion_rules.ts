import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context, Next, Processor, ProcessorFactory } from '#src/component.ts'
import type { Assessment, LedgerLine } from '#src/model/assessment.ts'
import { removeLeftovers, safeFileName, writeFileAtomic } from '#src/store/atomic-file.ts'
import { compileRule } from '#src/suggestion/rule.ts'
import { sessionDocument } from '#src/suggestion/session-document.ts'
import { suggest } from '#src/suggestion/suggest.ts'
import { type Config, configSchema } from './config.ts'
import { effectiveRules, vocabularyOf } from './effective-rules.ts'

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

  function propose(assessment: Assessment): Assessment {
    const { line } = assessment
    const { suggestions, notes } = suggest(line, rules, config.policy)
    return { ...assessment, line: { ...line, suggestions, notes: [...line.notes, ...notes] } }
  }

  /** The file is there when the session's last revision has suggestions, whatever the one before it had. */
  async function renewFile(line: LedgerLine): Promise<void> {
    const path = join(directory, `${safeFileName(line.session_id)}.json`)
    if (line.suggestions.length === 0) await rm(path, { force: true })
    else await writeFileAtomic(path, `${JSON.stringify(sessionDocument(line, rules), undefined, 2)}\n`)
  }

  return {
    async start() {
      if (!context.store.ephemeral) await removeLeftovers(directory)
    },
    async stop() {},
    async consume(batch) {
      await next(batch.map(propose))
      context.items.received(batch.length)
      context.items.settled('used', batch.length)
    },
    async committed(batch) {
      if (context.store.ephemeral) return
      for (const { line, live } of batch) if (!live) await renewFile(line)
    },
  }
}
