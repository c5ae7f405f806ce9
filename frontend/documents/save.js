// Draws, saves and shares a receipt or notice. The page imports this file when somebody asks for a document, so that
// nobody else pays for it; once it is loaded it needs no network. Nothing of the document leaves the device.
//
// `printable` is what the page has of a document, as the server packed it, in base64.

let drawer

/** The drawer and the fonts most documents need. A failed start is tried again at the next click. */
function start() {
  drawer ??= load().catch((error) => {
    drawer = undefined
    throw error
  })
  return drawer
}

async function load() {
  const [{ default: start, draw }, core] = await Promise.all([
    import('./paper.js'),
    bytes(new URL('./core.pack', import.meta.url)),
  ])
  await start({ module_or_path: new URL('./paper_bg.wasm', import.meta.url) })
  return { draw, core }
}

async function bytes(url) {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`${url} cannot be had`)
  return new Uint8Array(await answer.arrayBuffer())
}

let wide

/** The fonts with every letter we have, fetched for the first document that needs them. */
async function everyLetter() {
  return (wide ??= await bytes(new URL('./wide.pack', import.meta.url)))
}

async function drawn(printable, name) {
  const { draw, core } = await start()
  const data = Uint8Array.from(atob(printable), (byte) => byte.charCodeAt(0))
  const pdf = draw(data, core) ?? draw(data, core, await everyLetter())
  if (!pdf) throw new Error('this document cannot be drawn here')
  return new File([pdf], name, { type: 'application/pdf' })
}

let last

/** The document as a file. The last one is kept: it is got ready at a touch and asked for at the end of it. */
function file(printable, name) {
  if (last?.printable !== printable) {
    const one = { printable, file: drawn(printable, name) }
    one.file.catch(() => {
      if (last === one) last = undefined
    })
    last = one
  }
  return last.file
}

/**
 * Gets a document ready.
 *
 * @param {string} printable
 * @param {string} name the file's name
 */
export async function prepare(printable, name) {
  await file(printable, name)
}

/**
 * Hands a document to another program: mail, messages, a folder.
 *
 * @param {string} printable
 * @param {string} name the file's name
 */
export async function share(printable, name) {
  const files = [await file(printable, name)]
  try {
    await navigator.share({ files })
  } catch (error) {
    // Whoever closes the sheet has decided; anything else falls back on saving.
    if (error.name !== 'AbortError') save(files[0])
  }
}

/**
 * Saves a document where the browser saves files.
 *
 * @param {string} printable
 * @param {string} name the file's name
 */
export async function download(printable, name) {
  save(await file(printable, name))
}

function save(file) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = file.name
  link.click()
  // The browser reads the file after the click has been answered.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
