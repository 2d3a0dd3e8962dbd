#es Lo que la página guarda de una imagen, y cuántos fotogramas y píxeles se miran como mucho.
#en What the page keeps of a picture, and how many frames and pixels are looked at, at the most.
KEPT = @KEPT@
FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP"]
ANIMATED = ["PNG", "WEBP", "GIF"]
MOST_FRAMES = @FRAMES@
MOST_PIXELS = 200_000_000
TURNS = [None, None, "FLIP_LEFT_RIGHT", "ROTATE_180", "FLIP_TOP_BOTTOM"]
TURNS += ["TRANSPOSE", "ROTATE_270", "TRANSVERSE", "ROTATE_90"]


def orientation(image):
    #es Solo cuentan los datos EXIF, como en los navegadores.
    #en EXIF data alone count, as in browsers.
    exif = Image.Exif()
    try:
        exif.load(image.info.get("exif", b""))
        return TURNS[exif.get(0x0112, 1)]
    except Exception:
        return None


def square(image):
    #es El cuadrado del centro, sobre blanco donde es transparente, reducido.
    #en The centre square, on white where it is transparent, reduced.
    bmp = image.format == "BMP"
    if image.mode.startswith("I"):
        #es Gris de 16 bits: cuentan los ocho de arriba.
        #en Grey of 16 bits: the upper eight count.
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if bmp and image.mode == "RGBA" and image.getchannel("A").getextrema()[1] == 0:
        #es No se vería nada: no es transparencia.
        #en Nothing would be seen: that is no transparency.
        image = image.convert("RGB")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    image = image.convert("RGBA").crop((left, top, left + side, top + side))
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image if side <= KEPT else image.resize((KEPT, KEPT), Image.Resampling.BILINEAR)


def picture(file):
    #es Pillow rechaza fotos grandes antes de saber que se leen a escala reducida.
    #en Pillow refuses large photos before it knows that they are read at a reduced scale.
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(file, formats=FORMATS) as image:
        turn = orientation(image)
        #es Una foto JPEG se lee a la menor escala que deja el doble de lo que se guarda.
        #en A JPEG photo is read at the smallest scale that leaves twice what is kept.
        image.draft("RGB", (2 * KEPT, 2 * KEPT))
        if image.width * image.height > MOST_PIXELS:
            raise ValueError(f"the image has {image.width}x{image.height} pixels, more than can be read here")
        kept = None
        #es De una animación, el primer fotograma que no es de un solo color.
        #en Of an animation, the first frame that is not of one colour.
        for number in range(MOST_FRAMES if image.format in ANIMATED else 1):
            try:
                image.seek(number)
            except EOFError:
                break
            frame = square(image)
            kept = kept or frame
            if any(low < high for low, high in frame.getextrema()):
                kept = frame
                break
    return kept.transpose(Image.Transpose[turn]) if turn else kept


def prepare(file, size):
    return np.asarray(picture(file).resize((size, size), Image.Resampling.BILINEAR))
