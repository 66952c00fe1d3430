/** One line of Prometheus's text format. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|(?=\}))/
const ESCAPES: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' }

/**
 * Reads the format as its specification has it, and refuses what is not in it: a sample without a type, a metric in two
 * places, a series twice.
 */
export function parsePrometheus(text: string): readonly Sample[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no end')
  const types = new Map<string, string>()
  const series = new Set<string>()
  const samples: Sample[] = []
  let current = ''
  for (const line of text.split('\n').slice(0, -1)) {
    const [, keyword, metric = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (keyword === 'TYPE') {
      if (types.has(metric)) throw new Error(`${metric} has two types`)
      types.set(metric, rest)
      current = metric
    }
    if (line.startsWith('#')) continue
    const sample = parseSample(line)
    if (sample.name !== current) throw new Error(`${sample.name} stands under ${current}`)
    if (types.get(sample.name) === 'counter' && !sample.name.endsWith('_total'))
      throw new Error(`${sample.name}: no _total`)
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).toSorted()])
    if (series.has(key)) throw new Error(`${key} is there twice`)
    series.add(key)
    samples.push(sample)
  }
  return samples
}

function parseSample(line: string): Sample {
  const [name] = NAME.exec(line) ?? ['']
  let rest = line.slice(name.length)
  const labels: Record<string, string> = {}
  if (rest.startsWith('{')) {
    rest = rest.slice(1)
    while (!rest.startsWith('}')) {
      const [whole, label = '', value = ''] = LABEL.exec(rest) ?? []
      if (whole === undefined) throw new Error(`no label: ${rest}`)
      labels[label] = value.replace(/\\[\\"n]/g, (escaped) => ESCAPES[escaped] ?? '')
      rest = rest.slice(whole.length)
    }
    rest = rest.slice(1)
  }
  const [, number = ''] = /^ (\S+)$/.exec(rest) ?? []
  if (name === '' || number === '') throw new Error(`no sample: ${line}`)
  const value = number === '+Inf' ? Infinity : number === '-Inf' ? -Infinity : Number(number)
  if (Number.isNaN(value) && number !== 'NaN') throw new Error(`no number: ${line}`)
  return { name, labels, value }
}
