/** Draws what `npm run demo` prints on a terminal as docs/demo.svg; with --check fails when the picture is out of date. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { runProgram } from '#src/cli/program.ts'

const COLUMNS = 100
const CHARACTER_WIDTH = 8.4
const LINE_HEIGHT = 19
const MARGIN = 18
const PICTURE = resolve(import.meta.dirname, '../docs/demo.svg')
const COLOURS: Readonly<Record<string, string>> = { 31: '#ff7b72', 32: '#7ee787', 33: '#f2cc60' }

const picture = drawTerminal(`$ npm run demo\n${await demoOutput()}`)
if (process.argv.includes('--check')) {
  if ((await readFile(PICTURE, 'utf8').catch(() => '')) !== picture) {
    console.error('docs/demo.svg is out of date: run «npm run generate»')
    process.exitCode = 1
  }
} else {
  await writeFile(PICTURE, picture)
}

async function demoOutput(): Promise<string> {
  const cwd = await mkdtemp(join(tmpdir(), 'agentperf-picture-'))
  const root = resolve(import.meta.dirname, '..')
  let text = ''
  const stdout = { write: (part: string) => (text += part), isTTY: true, columns: COLUMNS }
  try {
    await runProgram({
      argv: ['demo'],
      io: {
        stdout,
        stderr: { write() {} },
        env: { HOME: cwd, npm_lifecycle_event: 'demo', npm_package_name: 'agentperf' },
        cwd,
        nowMs: Date.now,
      },
      packageRoot: pathToFileURL(`${root}/`),
    })
  } finally {
    await rm(cwd, { recursive: true })
  }
  return text
}

function drawTerminal(text: string): string {
  const lines = text.trimEnd().split('\n')
  const columns = Math.max(...lines.map((line) => stripVTControlCharacters(line).length))
  const width = Math.round(columns * CHARACTER_WIDTH + 2 * MARGIN)
  const height = lines.length * LINE_HEIGHT + 2 * MARGIN
  const rows = lines.map((line, row) => {
    const y = MARGIN + (row + 0.75) * LINE_HEIGHT
    return `<text x="${MARGIN}" y="${y}" xml:space="preserve">${colouredSpans(line)}</text>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    '<title>What «npm run demo» prints</title>',
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    '<g font-family="ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="14" fill="#e6edf3">',
    ...rows,
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

/** Colours of the terminal become colours of the text. */
function colouredSpans(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the terminal's own escape sequences
  const parts = line.split(/\u001b\[(\d+)m/)
  let colour: string | undefined
  return parts
    .map((part, index) => {
      if (index % 2 === 1) {
        colour = COLOURS[part]
        return ''
      }
      const text = part.replace(/&/g, '&amp;').replace(/</g, '&lt;')
      return colour === undefined || text === '' ? text : `<tspan fill="${colour}">${text}</tspan>`
    })
    .join('')
}
