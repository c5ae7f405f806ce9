// Makes what npm's tools make for the browser, and writes it to target/style:
//
//   node style/build.mjs [--out DIR] [--content GLOB]...
//
// `main.css`: Sass, then only the rules some page uses, then the shortest spelling of each. There is one sheet: the
// whole of it takes less than 6 KB, so sent inside each page it costs no request, blocks nothing and never comes late.
// `scan.js` and `decoder.js`: the reader of QR codes and the decoder it fetches where the browser has none.
// `save.js` and the packs of fonts: the saver of documents and what it fetches to draw them.

import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { brotliCompressSync } from 'node:zlib'
import { build } from 'esbuild'
import { transform } from 'lightningcss'
import { PurgeCSS } from 'purgecss'
import * as sass from 'sass'

const style = dirname(fileURLToPath(import.meta.url))
const root = dirname(style)
const { values: options } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, 'target/style') },
    content: { type: 'string', multiple: true, default: [] },
  },
})

// Where markup is written. Everything an element, a class or an attribute can be called in there is kept.
const PAGES = ['app/src/**/*.rs', 'app/documents/src/html.rs', 'server/office/**/*.rs', 'server/sandbox/**/*.rs', 'server/src/**/*.rs'].map((glob) => join(root, glob))

// Bytes in brotli above which the build fails; `make bench` holds the whole page to its own budget.
const BUDGET = 7 * 1024

// Kept although no page names it: the validator of public sites reads the version from the page's style.
const SAFE_VARIABLES = ['--bootstrap-italia-version']

// Browsers of the last four years: what older ones lack degrades without losing text or controls.
const TARGETS = { chrome: 100 << 16, firefox: 100 << 16, safari: 15 << 16 | 4 << 8, ios_saf: 15 << 16 | 4 << 8 }

const compiled = sass.compile(join(style, 'scss/main.scss'), {
  loadPaths: [join(style, 'node_modules/bootstrap-italia/src/scss'), join(style, 'node_modules')],
  logger: sass.Logger.silent,
})

/** The words of a source file that can be names in a selector; whole-line comments name nothing. */
function words(source) {
  return source.replaceAll(/^\s*\/\/.*$/gm, '').match(/[A-Za-z][\w-]*/g) ?? []
}

// Rules no page could do without. The purge drops what it cannot tie to a word, a bare `:focus-visible` for one.
const PROMISED = [':focus-visible{outline', 'prefers-reduced-motion', '@media print', SAFE_VARIABLES[0], 'font-display:swap']

const [purged] = await new PurgeCSS().purge({
  content: [...PAGES, ...options.content],
  css: [{ raw: compiled.css }],
  extractors: [{ extractor: words, extensions: ['rs', 'html'] }],
  variables: true,
  keyframes: true,
  safelist: { variables: SAFE_VARIABLES, standard: ['html', 'body', ':root'] },
})

const { code } = transform({ filename: 'main.css', code: Buffer.from(purged.css), minify: true, targets: TARGETS })
const lost = PROMISED.filter((rule) => !code.includes(rule))
if (lost.length > 0) throw new Error(`main.css has lost ${lost.join(', ')}`)
const brotli = brotliCompressSync(code).length
if (brotli > BUDGET) throw new Error(`main.css is ${brotli} bytes in brotli, over its budget of ${BUDGET}`)
mkdirSync(options.out, { recursive: true })
writeFileSync(join(options.out, 'main.css'), code)
console.log(`main.css ${code.length} bytes, ${brotli} in brotli (budget ${BUDGET})`)

await build({
  entryPoints: ['scan/scan.js', 'scan/decoder.js', 'documents/save.js'].map((name) => join(root, 'frontend', name)),
  entryNames: '[name]',
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['chrome100', 'firefox100', 'safari15.4'],
  external: ['./decoder.js', './paper.js'],
  nodePaths: [join(style, 'node_modules')],
  legalComments: 'inline',
  outdir: options.out,
})

for (const pack of ['core.pack', 'wide.pack']) {
  copyFileSync(join(root, 'app/documents/fonts', pack), join(options.out, pack))
}
