import { measured } from './measured.ts'
import { configUpToKpis, readOnce } from './read-once.ts'

/**
 * Reads transcripts once into sessions and KPIs, with positions and sessions kept: the second time in the same state it
 * finds nothing new. Counts the lines that it read.
 */

const [input = '.', directory = '.'] = process.argv.slice(2)

await measured(() =>
  readOnce({
    config: configUpToKpis('transcripts', `${input}/projects/**/*.jsonl`, directory),
    receiver: 'transcripts',
    mode: 'write',
    delivery: 'direct',
  }),
)
