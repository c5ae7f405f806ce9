// Reads a QR code with the camera or from a picture. The page imports this file when somebody asks for it, so that
// nobody else pays for it and no permission is asked before the tap. Pictures never leave the device.

/** Time between two looks at the camera's picture, in milliseconds: quick to the eye, light on the battery. */
const PAUSE = 150

/** Longest side, in pixels, the decoder is given: a notice held to a phone is sharp enough, and it stays quick. */
const SIDE_MAX = 1000

/**
 * Shows the camera in `video` and calls `onResult(text)` for each new text it reads, until `signal` is aborted:
 * the caller aborts when the text is what it was looking for, or when the person leaves.
 *
 * @param {HTMLVideoElement} video
 * @param {(text: string) => void} onResult
 * @param {AbortSignal} signal
 * @returns {Promise<null | 'denied' | 'no-camera' | 'unsupported'>} null once stopped, else why it could not start
 */
export async function scan(video, onResult, signal) {
  if (!navigator.mediaDevices?.getUserMedia) return 'unsupported'
  let stream
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: 'environment' } })
  } catch (error) {
    return error.name === 'NotAllowedError' || error.name === 'SecurityError' ? 'denied' : 'no-camera'
  }
  try {
    video.srcObject = stream
    // Without it a phone shows the camera over the whole screen.
    video.playsInline = true
    video.muted = true
    const [read] = await Promise.all([reader(), video.play()])
    let last
    while (!signal.aborted) {
      const text = video.videoWidth ? await read(video, video.videoWidth, video.videoHeight) : null
      if (text && text !== last && !signal.aborted) onResult((last = text))
      await pause(signal)
    }
    return null
  } catch {
    // Playing is refused when the element leaves the page; then nobody waits for an answer.
    return signal.aborted ? null : 'unsupported'
  } finally {
    stream.getTracks().forEach((track) => track.stop())
    video.srcObject = null
  }
}

/**
 * Reads the code in a picture somebody chose or took.
 *
 * @param {Blob} file
 * @returns {Promise<{ text: string } | { error: 'no-code' | 'unreadable' }>}
 */
export async function decodeImage(file) {
  let image
  try {
    image = await createImageBitmap(file)
  } catch {
    return { error: 'unreadable' }
  }
  try {
    const text = await (await reader())(image, image.width, image.height)
    return text ? { text } : { error: 'no-code' }
  } catch {
    return { error: 'unreadable' }
  } finally {
    image.close()
  }
}

/** The browser's own reader where there is one, else ours: `(source, width, height) => text or null`. */
async function reader() {
  if ('BarcodeDetector' in globalThis) {
    const formats = await BarcodeDetector.getSupportedFormats().catch(() => [])
    if (formats.includes('qr_code')) {
      const detector = new BarcodeDetector({ formats: ['qr_code'] })
      return async (source) => (await detector.detect(source))[0]?.rawValue || null
    }
  }
  const { default: decode } = await import('./decoder.js')
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return (source, width, height) => {
    const scale = Math.min(1, SIDE_MAX / Math.max(width, height))
    canvas.width = Math.round(width * scale)
    canvas.height = Math.round(height * scale)
    context.drawImage(source, 0, 0, canvas.width, canvas.height)
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height)
    return decode(pixels.data, pixels.width, pixels.height, { inversionAttempts: 'dontInvert' })?.data || null
  }
}

function pause(signal) {
  return new Promise((done) => {
    const timer = setTimeout(finish, PAUSE)
    signal.addEventListener('abort', finish)
    function finish() {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      done()
    }
  })
}
