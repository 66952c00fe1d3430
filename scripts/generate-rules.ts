/** Writes processors/suggestion_rules/built-in-rules.ts from the rules in YAML; `--check` only says whether it is stale. */
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { parse } from 'yaml'
import * as z from 'zod'
import { completeRule, ruleSchema } from '#processors/suggestion_rules/rule-settings.ts'

const folder = new URL('../processors/suggestion_rules/', import.meta.url)
const file = new URL('built-in-rules.ts', folder)
const name = 'processors/suggestion_rules/built-in-rules.ts'

const rules = z
  .array(ruleSchema)
  .parse(parse(await readFile(new URL('rules.yaml', folder), 'utf8')))
  .map((settings) => {
    const rule = completeRule(settings)
    if (rule === undefined)
      throw new Error(`rules.yaml: expected a complete rule, found ${settings.name} without some keys`)
    return rule
  })
const text = formatted(`import type { SuggestionRule } from '#src/suggestion/rule.ts'

// Made from rules.yaml by scripts/generate-rules.ts: reading YAML would take a noticeable part of each start.

/** The rules that come with agentperf. */
export const BUILT_IN_RULES: readonly SuggestionRule[] = ${JSON.stringify(rules)}
`)

if (process.argv.includes('--check')) {
  const written = await readFile(file, 'utf8').catch(() => '')
  if (written !== text) {
    console.error(`${name} is stale: expected what rules.yaml says, run «npm run generate»`)
    process.exitCode = 1
  }
} else {
  await writeFile(file, text)
  console.log(`${name}: ${rules.length} rules`)
}

function formatted(source: string): string {
  return execFileSync('biome', ['check', '--write', `--stdin-file-path=${name}`], { input: source, encoding: 'utf8' })
}
