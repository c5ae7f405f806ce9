(() => {
  window.lanternaImport = (url) => import(url)
  const touches = ['focusin', 'pointerdown']
  let begun = false
  const begin = async () => {
    if (begun) return
    begun = true
    touches.forEach((touch) => removeEventListener(touch, begin, true))
    let module
    try {
      const wasm = fetch('WASM_URL', { priority: 'low' })
      wasm.catch(() => {})
      module = await import('GLUE_URL')
      await module.default({ module_or_path: wasm })
    } catch {
      return // Links and forms go on working by themselves.
    }
    module.hydrate()
  }
  touches.forEach((touch) => addEventListener(touch, begin, true))
  const whenIdle = () => {
    if (navigator.connection?.saveData) return
    window.requestIdleCallback ? requestIdleCallback(begin, { timeout: 3000 }) : setTimeout(begin, 300)
  }
  document.readyState === 'complete' ? whenIdle() : addEventListener('load', whenIdle, { once: true })
})()
