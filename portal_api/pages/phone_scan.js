// Taking pictures of pages with the camera in the page, and moving the corners of a page by finger or keyboard.
"use strict";
(() => {
  const STEP = 0.004, LONG_STEP = 0.02, ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  let stream = null;

  if (window.isSecureContext && navigator.mediaDevices?.getUserMedia) document.documentElement.classList.add("has-camera");

  async function openCamera(videoId) {
    try {
      const wanted = { facingMode: { ideal: "environment" }, width: { ideal: 3840 }, height: { ideal: 2160 } };
      stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    } catch (error) {
      emitEvent("camera_refused", error.name);
      return;
    }
    const video = document.getElementById(videoId);
    if (!video) return closeCamera();
    video.srcObject = stream;
    await video.play();
  }

  function closeCamera() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
  }

  function shoot(videoId, uploadId) {
    const video = document.getElementById(videoId), canvas = document.createElement("canvas");
    if (!video?.videoWidth) return;
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    video.classList.add("flash");
    setTimeout(() => video.classList.remove("flash"), 180);
    canvas.toBlob((blob) => runMethod(uploadId, "addFiles", [[new File([blob], "camera.jpg", { type: "image/jpeg" })]]), "image/jpeg", 0.93);
  }

  const handles = (editor) => [...editor.querySelectorAll(".corner")];
  const place = (handle) => [Number(handle.dataset.x), Number(handle.dataset.y)];

  function put(editor, handle, x, y) {
    handle.dataset.x = Math.min(1, Math.max(0, x));
    handle.dataset.y = Math.min(1, Math.max(0, y));
    draw(editor);
  }

  function draw(editor) {
    for (const handle of handles(editor)) {
      handle.style.left = place(handle)[0] * 100 + "%";
      handle.style.top = place(handle)[1] * 100 + "%";
    }
    const points = handles(editor).map((handle) => place(handle).map((part) => part * 1000).join(",")).join(" ");
    editor.querySelector("polygon").setAttribute("points", points);
  }

  function magnify(editor, handle) {
    const lens = editor.querySelector(".corner-lens"), [x, y] = place(handle);
    lens.classList.toggle("shown", Boolean(handle));
    lens.classList.toggle("right", x < 0.5);
    lens.style.backgroundImage = `url("${editor.querySelector("img").src}")`;
    lens.style.backgroundSize = `${editor.clientWidth * 3}px ${editor.clientHeight * 3}px`;
    lens.style.backgroundPosition = `${lens.clientWidth / 2 - x * editor.clientWidth * 3}px ${lens.clientHeight / 2 - y * editor.clientHeight * 3}px`;
  }

  function edit(editorId) {
    const editor = document.getElementById(editorId);
    for (const handle of handles(editor)) {
      let held = null;
      handle.addEventListener("pointerdown", (event) => {
        const box = editor.getBoundingClientRect(), [x, y] = place(handle);
        held = [event.clientX - box.left - x * box.width, event.clientY - box.top - y * box.height];
        handle.setPointerCapture(event.pointerId);
        magnify(editor, handle);
      });
      handle.addEventListener("pointermove", (event) => {
        if (!held) return;
        const box = editor.getBoundingClientRect();
        put(editor, handle, (event.clientX - box.left - held[0]) / box.width, (event.clientY - box.top - held[1]) / box.height);
        magnify(editor, handle);
      });
      for (const end of ["pointerup", "pointercancel"]) handle.addEventListener(end, () => {
        held = null;
        editor.querySelector(".corner-lens").classList.remove("shown");
      });
      handle.addEventListener("keydown", (event) => {
        const arrow = ARROWS[event.key];
        if (!arrow) return;
        event.preventDefault();
        const step = event.shiftKey ? LONG_STEP : STEP, [x, y] = place(handle);
        put(editor, handle, x + arrow[0] * step, y + arrow[1] * step);
      });
    }
    draw(editor);
    editor.classList.add("ready");
  }

  const corners = (editorId) => handles(document.getElementById(editorId)).map(place);

  function whole(editorId) {
    const editor = document.getElementById(editorId), ends = [[0, 0], [1, 0], [1, 1], [0, 1]];
    handles(editor).forEach((handle, number) => put(editor, handle, ...ends[number]));
  }

  addEventListener("pagehide", closeCamera);
  window.phoneScan = { openCamera, closeCamera, shoot, edit, corners, whole };
})();
