# Los textos de la página en español. Las mismas claves que en.ftl.

# Nunca se corta por el guion.
-cifar = CIFAR{"\u2011"}10
-cifar100 = CIFAR{"\u2011"}100

page-title = bottleneck: aprendizaje por transferencia en tu navegador
skip-to-content = Saltar al contenido
header-name = bottleneck
header-title = Enseña a tu ordenador a ver
header-promise = Muéstrale imágenes de unas pocas cosas y aprenderá a distinguirlas. Todo ocurre en esta pestaña: tus imágenes no salen de ella.
language-label = Idioma / Language
language-es = Español
language-en = English
footer-text = Sigue paso a paso un cuaderno clásico de aprendizaje por transferencia: InceptionV3, { -cifar } y una cabeza convolucional de dos capas.

# Números y unidades; las cifras llegan ya escritas.
percent = { $value }{"\u00A0"}%
megabytes = { $value }{"\u00A0"}MB
gigabytes = { $value }{"\u00A0"}GB
duration-seconds = { $seconds }{"\u00A0"}s
duration-minutes = { $minutes }{"\u00A0"}min { $seconds }{"\u00A0"}s
duration-hours = { $hours }{"\u00A0"}h { $minutes }{"\u00A0"}min
milliseconds = { $value }{"\u00A0"}ms
range = de { $low } a { $high }

# El estado de una celda.
cell-waits = En espera
cell-idle = En reposo
cell-ready = Te toca a ti
cell-busy = En marcha
cell-done = Hecho
cell-failed = Ha fallado
wait-opening = Un momento: la página está leyendo la descripción de la red.
wait-closed = No es posible: no hay ninguna red abierta. Lee el aviso de arriba.
wait-data = Elige primero las imágenes, en la celda 2.
wait-reading = Un momento: la página está leyendo las imágenes.
wait-counting = Un momento: la página está mirando qué atributos hay ya guardados.
wait-features = Calcula primero todos los atributos.
wait-nothing-missing = Todos los atributos están ya guardados.
wait-extracting = Un momento: la página está calculando atributos. También puedes cancelarlo.
wait-engine = Un momento: el motor está arrancando.
wait-training = Un momento: el entrenamiento está en marcha. También puedes pararlo.
wait-head = Entrena primero una cabeza.
wait-classifying = Un momento: primero va la imagen anterior.
wait-cache-empty = No hay nada guardado.
wait-settings = Corrige antes los números marcados.
wait-takes = Hacen falta al menos dos clases con tres tomas cada una: una para entrenar, otra para validar y otra para la prueba.
wait-exchange = Un momento: la página está escribiendo o leyendo un archivo. También puedes cancelarlo.
wait-own-features = No es posible con atributos de archivos: la página no sabe qué red los calculó. Vuelve a los atributos de esta red (celda 3).

# Vistas
view-home = Inicio
view-notebook = Cuaderno
view-project = Tus propias clases
door-teach = Enseña tus propias clases
door-teach-about = Con tu cámara o con tus fotos
door-notebook = Sigue el cuaderno
door-notebook-about = { -cifar }, paso a paso
door-open = Abrir
door-open-about = Un proyecto, un zip o una carpeta con tus imágenes, { -cifar }. O suéltalo en cualquier parte de la página.
notebook-title = Sigue el cuaderno
notebook-about = Cada imagen pasa por una red que ya sabe mirar. Sale una fila de números, y solo de ella aprende la cabeza.
notebook-run = Ejecutar todas las celdas
notebook-running = En marcha, celda a celda
recent-title = Tus proyectos
recent-in-memory = Este navegador no guarda nada: lo que hagas se pierde al cerrar esta pestaña. Exporta un proyecto para conservarlo.
project-unknown = Este proyecto no está en este dispositivo
project-unknown-next = Puede que se haya borrado, o que se hiciera en otro navegador. Expórtalo allí y abre aquí ese archivo.
project-opening = Abriendo el proyecto.
project-open-again = Probar otra vez

# El dispositivo
device-title = Este dispositivo
device-notebook = La primera celda del cuaderno dice qué calcula aquí.
device-opening = Un momento
device-closed = Sin red neuronal
device-workers = { $workers ->
    [one] { $shown } hilo
   *[other] { $shown } hilos
}
device-speed = { $speed } imágenes/s

drop-not-now = Los archivos no se pueden abrir ahora.
drop-not-now-next = Vuelve a soltarlos dentro de un momento; el detalle técnico dice por qué.

# Sin internet
offline-label = Uso sin internet
offline-progress-label = Guardando para usar sin internet
offline-unsupported = En esta dirección el navegador no puede guardar la página para usarla sin internet: hace falta https con un certificado en el que confíe.
offline-looking = Comprobando qué está guardado para usar sin internet.
offline-site = Guardando la página para usarla sin internet: faltan { $missing }.
offline-missing = Sin internet esta página se abre, pero falta la red ({ $missing }). Se descarga cuando se necesita por primera vez.
offline-backbone = Guardando la red para usarla sin internet: faltan { $missing }.
offline-ready = Todo está guardado: esta página también funciona sin internet.
offline-update = Hay una versión nueva de esta página. Al actualizarla se carga otra vez: lo guardado se conserva, lo que está en marcha empieza de nuevo.
offline-update-held = { $others ->
    [one] Hay una versión nueva de esta página. Cierra la otra pestaña que la tiene abierta ({ $shown }) y pulsa otra vez.
   *[other] Hay una versión nueva de esta página. Cierra las otras { $shown } pestañas que la tienen abierta y pulsa otra vez.
}
offline-failed = La página no se pudo guardar para usarla sin internet. Comprueba la conexión y el espacio libre del disco. La página lo intentará de nuevo.
offline-keep = Guardar todo para usar sin internet
offline-apply = Actualizar la página

# 1. Motor
engine-title = Motor
engine-intro = La red ha aprendido de muchísimas fotos. Aquí se queda tal cual: hace de «ojo» que convierte cada imagen en números.
engine-intro-more = El motor es el programa que calcula esa red en tu dispositivo. Arranca cuando se necesita por primera vez.
engine-choice-label = Motor que se usa
engine-choice-auto = automático
engine-choice-cpu = CPU
engine-choice-webgpu = WebGPU
engine-choice-note = Al cambiarlo se vuelve a cargar la página; lo calculado se conserva.
engine-name-cpu = la CPU
engine-name-webgpu = WebGPU
engine-opening = Leyendo la descripción de la red.
engine-closed = No hay ninguna red abierta.
engine-idle = En reposo: todavía no ha hecho falta.
engine-downloading = Descargando la red: { $done } de { $total }.
engine-downloading-label = Descargando la red
engine-starting = Cargando y comprobando la red en { $engine }.
engine-timing = Midiendo la red en { $engine }, para encontrar el motor más rápido en este dispositivo.
engine-ready-cpu = { $workers ->
    [one] Listo en la CPU, con { $shown } hilo.
   *[other] Listo en la CPU, con { $shown } hilos.
}
engine-ready-webgpu = Listo en la tarjeta gráfica, con WebGPU.
engine-failed = No ha arrancado ningún motor.
engine-probe = Comprobado con una entrada conocida: el mayor error es { $error } (se admite hasta 0,001).
engine-backbone = { $name }: entrada de { $input }{"\u00A0"}×{"\u00A0"}{ $input } píxeles, { $height }{"\u00A0"}×{"\u00A0"}{ $width }{"\u00A0"}×{"\u00A0"}{ $channels } atributos por imagen, { $size } de descarga.
engine-others = Otras redes de esta página; cada una tiene sus propios atributos:
engine-other = { $name }: { $size } de descarga, imágenes de { $input }{"\u00A0"}×{"\u00A0"}{ $input }, licencia { $licence }
engine-speed = En este dispositivo, en { $engine }: { $speed } imágenes por segundo.
engine-speed-none = Velocidad en este dispositivo: todavía sin medir.
engine-source = Pesos: { $source }. Licencia: { $licence }.
reason-asked = Se usa este motor porque lo has pedido.
reason-faster = Tu navegador ofrece WebGPU con una tarjeta gráfica. La página ha medido los dos motores en este dispositivo, y este es el más rápido.
reason-software-adapter = El WebGPU de este navegador calcula en la propia CPU y más despacio, así que se usa la CPU directamente.
reason-no-web-gpu = Este navegador no ofrece WebGPU, así que se usa la CPU.
reason-silent-web-gpu = Este navegador ofrece WebGPU, pero la tarjeta gráfica no responde, así que se usa la CPU.
reason-web-gpu-failed = WebGPU no ha superado la comprobación o no ha arrancado, así que se usa la CPU.
reason-cpu-failed = El motor de la CPU ha fallado, así que se usa WebGPU.
chosen-notebook = La página se ha abierto con { $name }, la red del cuaderno.
chosen-brought = La página se ha abierto con { $name }: quien la publica la ha elegido en lugar de la red del cuaderno.
chosen-development = La página se ha abierto con { $name }, porque la InceptionV3 de este sitio tiene pesos entrenados para otra tarea y daría malos resultados.
chosen-missing = La página se ha abierto con { $name }, porque no ha podido cargar la red del cuaderno, InceptionV3.
chosen-kept = La página se ha abierto con { $name }, que está guardada en este dispositivo, porque el servidor no responde.
chosen-none-real = La página se ha abierto con { $name }, porque todas las redes de este sitio tienen pesos entrenados para otra tarea.
chosen-change = Usar { $name } de todos modos ({ $size } de descarga)
development-title = Pesos de desarrollo
development-text = Esta red tiene la forma correcta, pero pesos de otra tarea: acertará poco. Quien publica la página consigue los de verdad con:

# 2. Datos
data-title = Datos
data-intro = { -cifar } son 60.000 fotos diminutas en diez clases. También valen tus imágenes. ¿No tienes archivo? La muestra incluida permite hacer todo el recorrido.
data-intro-more = Cada foto de { -cifar } tiene 32{"\u00A0"}×{"\u00A0"}32 píxeles; 50.000 son de entrenamiento y 10.000 de prueba. La página lee cifar-10-binary.tar.gz, cifar-10-python.tar.gz, archivos sueltos suyos o los arrays de Keras en .npz o .npy.
data-drop = Elige o suelta aquí { -cifar } o un zip con tus imágenes
data-drop-hint = Archivos zip o .tgz con una carpeta de imágenes por clase, el de { -cifar } o arrays en .npz. No se envía nada.
data-folder = Elige o suelta aquí una carpeta con tus imágenes
data-folder-hint = Dentro hay una carpeta de imágenes por clase. No se envía nada a ninguna parte.
data-sample = Usar la muestra incluida
data-sample-note = Diez clases de figuras dibujadas por este programa: no son fotos.
data-site = { $name } de este sitio, { $size }
data-site-unsized = { $name } de este sitio
data-site-note = Se descarga solo cuando lo pulsas. Desde aquí no se envía nada.
data-bringing = Descargando: { $done } de { $total }.
data-bringing-left = Descargando: { $done } de { $total }, quedan { $time }.
data-bringing-unsized = Descargando: { $done } hasta ahora.
data-reading = Leyendo: { $done } de { $total }.
data-preparing = Preparando las imágenes.
data-reading-label = Leyendo las imágenes
data-reading-pictures = { $pictures ->
    [one] { $shown } imagen hasta ahora
   *[other] { $shown } imágenes hasta ahora
}
data-cancel = Cancelar
data-source-drawn = Muestra dibujada por este programa
data-source-cifar = { -cifar }
data-source-folders = Tus propias carpetas
data-source-project = Tu proyecto
data-source-cifar100 = { -cifar100 }
data-source-arrays = Tus propios arrays
data-notices = Lo que se ha dejado fuera o se usa de forma distinta a como dicen las carpetas
data-notice-names = { $names } y { $more } más
data-notice-damaged = { $count ->
    [one] { $shown } archivo está dañado y se ha dejado fuera: { $names }. Para usarlo, cópialo de nuevo de donde estaba.
   *[other] { $shown } archivos están dañados y se han dejado fuera: { $names }. Para usarlos, cópialos de nuevo de donde estaban.
}
data-notice-no-picture = { $count ->
    [one] { $shown } archivo tiene nombre de imagen pero no lo es, y se ha dejado fuera: { $names }. Para usarlo, guárdalo de nuevo como JPEG o PNG.
   *[other] { $shown } archivos tienen nombre de imagen pero no lo son, y se han dejado fuera: { $names }. Para usarlos, guárdalos de nuevo como JPEG o PNG.
}
data-notice-format = { $count ->
    [one] Se ha dejado fuera { $shown } imagen { $format }, porque esta página no lee { $format }: { $names }. Para usarla, guárdala como JPEG o PNG.
   *[other] Se han dejado fuera { $shown } imágenes { $format }, porque esta página no lee { $format }: { $names }. Para usarlas, guárdalas como JPEG o PNG.
}
data-notice-web-page = { $count ->
    [one] { $shown } archivo tiene nombre de imagen pero es una página web, y se ha dejado fuera: { $names }. Para usarlo, descarga la imagen misma.
   *[other] { $shown } archivos tienen nombre de imagen pero son páginas web, y se han dejado fuera: { $names }. Para usarlos, descarga las imágenes mismas.
}
data-notice-empty = { $count ->
    [one] { $shown } archivo está vacío y se ha dejado fuera: { $names }. Para usarlo, cópialo de nuevo de donde estaba.
   *[other] { $shown } archivos están vacíos y se han dejado fuera: { $names }. Para usarlos, cópialos de nuevo de donde estaban.
}
data-notice-too-large = { $count ->
    [one] { $shown } imagen necesita más de { $limit }{"\u00A0"}MB para leerse y se ha dejado fuera: { $names }. Guárdala más pequeña, o como JPEG sin «progresivo».
   *[other] { $shown } imágenes necesitan más de { $limit }{"\u00A0"}MB cada una para leerse y se han dejado fuera: { $names }. Guárdalas más pequeñas, o como JPEG sin «progresivo».
}
data-notice-password = { $count ->
    [one] { $shown } archivo está protegido con contraseña y se ha dejado fuera: { $names }. Para usarlo, haz el zip de nuevo sin contraseña.
   *[other] { $shown } archivos están protegidos con contraseña y se han dejado fuera: { $names }. Para usarlos, haz el zip de nuevo sin contraseña.
}
data-notice-packing = { $count ->
    [one] { $shown } archivo está comprimido de un modo que no se lee aquí, y queda fuera: { $names }. Comprímelo con el método habitual (Deflate).
   *[other] { $shown } archivos están comprimidos de un modo que no se lee aquí, y quedan fuera: { $names }. Comprímelos con el método habitual (Deflate).
}
data-notice-unreadable = { $count ->
    [one] El navegador no ha podido leer { $shown } archivo: { $names }. Comprueba que no se ha movido ni borrado, y vuelve a elegirlo todo.
   *[other] El navegador no ha podido leer { $shown } archivos: { $names }. Comprueba que no se han movido ni borrado, y vuelve a elegirlo todo.
}
data-notice-nested = { $count ->
    [one] { $shown } archivo comprimido dentro de otro no se ha abierto: { $names }. Para usarlo, descomprímelo y elígelo aparte.
   *[other] { $shown } archivos comprimidos dentro de otro no se han abierto: { $names }. Para usarlos, descomprímelos y elígelos aparte.
}
data-notice-other = { $count ->
    [one] { $shown } archivo no es una imagen y se ha dejado fuera: { $names }.
   *[other] { $shown } archivos no son imágenes y se han dejado fuera: { $names }.
}
data-notice-no-class = { $count ->
    [one] { $shown } imagen no está en la carpeta de ninguna clase y no se usa: { $names }. Ponla en la de su clase.
   *[other] { $shown } imágenes no están en la carpeta de ninguna clase y no se usan: { $names }. Pon cada una en la de su clase.
}
data-notice-in-two-classes = { $count ->
    [one] { $shown } imagen está en varias clases y no se usa, porque no se sabe cuál vale: { $names }. Déjala en una carpeta.
   *[other] { $shown } imágenes están en varias clases y no se usan, porque no se sabe cuál vale: { $names }. Deja cada una en una carpeta.
}
data-notice-shared-pictures = { $count ->
    [one] { $shown } imagen está en más de una clase y no se usa: { $names }. Bórrala de donde no deba estar.
   *[other] { $shown } imágenes están en más de una clase y no se usan: { $names }. Bórralas de donde no deban estar.
}
data-notice-parts-together = { $count ->
    [one] { $shown } imagen viene de una carpeta «train», «valid» o «test». Un proyecto las toma todas juntas y elige él mismo las de prueba.
   *[other] { $shown } imágenes vienen de carpetas «train», «valid» o «test». Un proyecto las toma todas juntas y elige él mismo las de prueba.
}
data-notice-in-two-parts = { $count ->
    [one] { $shown } imagen está entre las de entrenamiento y también entre las que comprueban lo aprendido. Solo queda en la comprobación: { $names }.
   *[other] { $shown } imágenes están entre las de entrenamiento y también entre las que comprueban lo aprendido. Solo quedan en la comprobación: { $names }.
}
data-notice-empty-class = { $count ->
    [one] { $shown } carpeta no tiene ninguna imagen propia de la que aprender, así que no es una clase: { $names }. Para usarla, pon imágenes en ella.
   *[other] { $shown } carpetas no tienen ninguna imagen propia de la que aprender, así que no son clases: { $names }. Para usarlas, pon imágenes en ellas.
}
data-notice-too-few = { $count ->
    [one] { $shown } clase tiene muy pocas imágenes para aprenderla y probarla: { $names } (las que tiene / las necesarias). Añade algunas.
   *[other] { $shown } clases tienen muy pocas imágenes para aprenderlas y probarlas: { $names } (las que tienen / las necesarias). Añade algunas.
}
data-notice-not-examined = { $count ->
    [one] { $shown } clase no tiene imágenes de prueba: { $names }. Se aprende, pero nadie sabe cómo de bien: en las tablas lleva «–».
   *[other] { $shown } clases no tienen imágenes de prueba: { $names }. Se aprenden, pero nadie sabe cómo de bien: en las tablas llevan «–».
}
data-notice-alike-names = { $count ->
    [one] { $shown } nombre solo se distingue de otro por las mayúsculas: { $names }. Aquí es otra clase; si no debe serlo, renombra una carpeta.
   *[other] { $shown } nombres solo se distinguen por las mayúsculas: { $names }. Aquí son clases distintas; si no deben serlo, renombra una carpeta.
}
data-notice-one-name = { $count ->
    [one] { $shown } clase viene de carpetas cuyos nombres se ven iguales pero están guardados de distinta forma: { $names }. Son una sola clase.
   *[other] { $shown } clases vienen de carpetas cuyos nombres se ven iguales pero están guardados de distinta forma: { $names }. Son una sola clase cada una.
}
data-notice-no-test-part = { $count ->
    [one] No hay carpeta «test» con carpetas de clases: { $shown } imagen, más o menos una de cada cinco, se guarda para la prueba.
   *[other] No hay carpeta «test» con carpetas de clases: { $shown } imágenes, más o menos una de cada cinco, se guardan para la prueba.
}
data-notice-no-train-part = { $count ->
    [one] No hay carpeta «train»: se toman todas juntas, y { $shown } imagen, más o menos una de cada cinco, se guarda para la prueba.
   *[other] No hay carpeta «train»: se toman todas juntas, y { $shown } imágenes, más o menos una de cada cinco, se guardan para la prueba.
}
data-summary = { $source }: { $train } imágenes de entrenamiento y { $test } de prueba.
data-summary-limited = { $source }: se usan { $train } de { $train-available } imágenes de entrenamiento y { $test } de { $test-available } de prueba.
data-none = Todavía no hay imágenes.
data-examples = Un ejemplo de cada clase
data-notice-no-test-file = { $count ->
    [one] Ningún archivo es de prueba: se guarda para la prueba { $shown } imagen, la última.
   *[other] Ningún archivo es de prueba: se guardan para la prueba { $shown } imágenes, las últimas.
}
data-names = Cambiar los nombres de las clases
limits-title = ¿Cuántas imágenes?
limits-note = Con menos imágenes se tarda menos y se aprende peor. Déjalo en blanco para usarlas todas.
limit-train = De entrenamiento
limit-test = De prueba
limit-all = todas
field-invalid = Escribe un número entero de { $low } a { $high }.
field-positive = Escribe un número mayor que 0.
field-share = Escribe un número mayor que 0 y menor que 1.
field-dropout = Escribe un número de 0 a menos de 1.

# 2b. Proyectos propios
project-default-name = Mi proyecto
project-pictures = { $pictures ->
    [0] Ninguna imagen.
    [one] { $shown } imagen.
   *[other] { $shown } imágenes.
}
project-delete = Borrar
project-delete-title = ¿Borrar el proyecto «{ $name }»?
project-delete-text = Se borran sus { $shown } imágenes y su cabeza entrenada. No se puede deshacer. Si quieres conservarlo, expórtalo antes.
project-delete-confirm = Sí, borrar
keep = No, conservar
project-steps = Pasos
step-classes = Clases
step-train = Entrenar
step-try = Probar
project-many = Añadir muchas clases a la vez
project-delete-label = Borrar el proyecto { $name }
closer-title = Mira más de cerca
train-about = Cuando cada clase tenga sus imágenes, pulsa el botón: el ordenador aprende a distinguirlas.
train-split = { $train } imágenes de entrenamiento y { $test } reservadas para la prueba.
training-plan = { $preset }, { $epochs ->
    [one] { $shown } época
   *[other] { $shown } épocas
}
try-about = Aquí te dirá lo que ve en cuanto haya aprendido.
class-menu = Más sobre la clase { $name }
record-open-label = Grabar: { $name }
record-close-label = Cerrar la cámara: { $name }
project-name = Nombre
project-other-tab = Este proyecto también está abierto en otra pestaña. Cierra una de las dos: lo que cambies en una no se ve en la otra.
project-undo = Deshacer
project-export = Exportar el proyecto
project-adding = Leyendo imágenes: { $done } de { $total }
project-writing = Escribiendo el proyecto: { $share }.
project-taking = Leyendo el proyecto: { $share }.
project-light = Tus propios proyectos empiezan con una red más ligera, { $name }: se descarga antes y calcula mucho menos, con atributos algo peores.
project-larger = Usar { $name } en su lugar ({ $size } de descarga)
project-folder = Añadir una carpeta con una carpeta por clase
project-folder-hint = El nombre de cada carpeta es el de su clase. También se pueden soltar carpetas sobre cualquier clase.
project-folders = Añadir zips con una carpeta por clase
project-folders-hint = El nombre de cada carpeta es el de su clase. Se pueden añadir varios zips o archivos .tgz a la vez.
project-takes-what = ¿Qué es una toma?
project-takes-more = Una toma es un grupo de imágenes que van juntas: una pulsación del botón de grabar o los fotogramas de un archivo. Cada foto suelta es una toma. Ninguna toma se reparte entre entrenamiento y prueba: en la prueba saldrían casi las mismas imágenes.
class-default-name = Clase { $number }
class-add-name = Nombre de la clase nueva
class-add = Añadir la clase
class-name = Clase
class-enabled = participa
class-up = Subir la clase { $name }
class-down = Bajar la clase { $name }
class-delete = Borrar la clase
class-delete-title = ¿Borrar la clase «{ $name }»?
class-delete-text = Se borran también sus { $shown } imágenes. Justo después se puede deshacer.
class-delete-confirm = Sí, borrar
class-takes-enough = { $shown } tomas.
class-takes-few = { $shown } de { $fewest } tomas.
class-files = Añadir fotos
class-files-hint = JPEG, PNG, WebP, GIF o BMP, o un zip de ellas. También puedes soltarlas o pegarlas aquí.
class-pictures = Imágenes de la clase
class-picture = Imagen { $number }
class-page = De la { $first } a la { $last }, de { $total }
class-earlier = Imágenes anteriores
class-later = Imágenes siguientes
class-selected = { $pictures ->
    [one] { $shown } seleccionada
   *[other] { $shown } seleccionadas
}
class-delete-pictures = Borrar
class-move-pictures = Mover a
class-move-choose = elige una clase

# La cámara
camera-start = Encender la cámara
camera-stop = Apagar la cámara
camera-cancel = Cancelar
camera-starting = Esperando a la cámara. Si el navegador pregunta si se puede usar, permítelo. Si no ocurre nada, cancela y enciéndela de nuevo.
camera-instead = La cámara que elegiste antes no está conectada: esta es otra. Conéctala y vuelve a encenderla, o sigue con esta.
camera-preview = Lo que ve la cámara
camera-choice = Cámara
camera-device = Cámara { $number }
camera-mirror = espejo
camera-insecure = El navegador no deja a esta página usar ninguna cámara.
camera-insecure-next = Abre la página por https, o en este mismo ordenador como http://127.0.0.1, con un navegador actual. Mientras tanto, añade fotos como archivos.
camera-refused = La página no tiene permiso para usar la cámara.
camera-refused-next = Permítela para esta página, casi siempre con el símbolo de cámara junto a la dirección, y enciéndela de nuevo. Sus imágenes no salen de aquí.
camera-none = No se ha encontrado ninguna cámara.
camera-none-next = Conecta una o actívala, y enciéndela de nuevo. Sin cámara puedes añadir fotos como archivos.
camera-busy = La cámara no envía imágenes.
camera-busy-next = Puede que la esté usando otro programa u otra pestaña: ciérralo y enciéndela de nuevo.
camera-gone = La cámara ya no está.
camera-gone-next = Se ha desconectado, apagado o bloqueado mientras funcionaba. Conéctala y enciéndela de nuevo; lo grabado se conserva.
record-open = Grabar
record-close = Cerrar la cámara
record-title = Grabadora de { $name }
record-hold = Mantén pulsado para grabar
record-running = Grabando
record-shot = Hacer una foto
record-more = Más sobre la grabación
record-rate = Imágenes por segundo
record-count = { $pictures ->
    [one] { $shown } imagen en esta grabación.
   *[other] { $shown } imágenes en esta grabación.
}
record-note-more = Mantén pulsado el botón con el ratón, un dedo, la barra espaciadora o la tecla Intro. Cada pulsación es una toma: suelta, cambia algo, como el lugar, la distancia o la luz, y vuelve a pulsar.

# 3. Atributos
features-title = Atributos de cuello de botella
features-intro = Cada imagen pasa una vez por la red. Lo que sale antes de la última capa son los atributos: un resumen de lo que ve.
features-intro-more = Se llaman atributos de cuello de botella porque todo tiene que pasar por ellos. Se guardan en este navegador, así que la próxima vez no hay que calcularlos. Antes se amplía cada imagen.
extract-start = Calcular los atributos
extract-continue = Calcular los que faltan
extract-pause = Pausar
extract-resume = Continuar
extract-cancel = Cancelar
extract-label = Calculando los atributos
extract-progress = { $done } de { $total } imágenes
extract-speed = { $speed } imágenes por segundo
extract-left = quedan { $time }
extract-starting = arrancando el motor
extract-incomplete = Faltan { $missing } imágenes.
extract-paused = En pausa.
extract-disk-full = En pausa: el disco está lleno. Lo guardado no se pierde; libera espacio y pulsa «Continuar».
extract-complete = Completo: no queda nada por calcular.
extract-computed = { $computed ->
    [0] En esta visita no ha hecho falta calcular ninguna imagen.
    [one] En esta visita se ha calculado { $shown } imagen.
   *[other] En esta visita se han calculado { $shown } imágenes.
}
cache-size = { $images ->
    [0] Guardado en este navegador: nada.
    [one] Guardado en este navegador: los atributos de { $shown } imagen, { $size }.
   *[other] Guardado en este navegador: los atributos de { $shown } imágenes, { $size }.
}
cache-size-tab = { $images ->
    [0] En esta pestaña: nada.
    [one] En esta pestaña, hasta que se cierre: los atributos de { $shown } imagen, { $size }.
   *[other] En esta pestaña, hasta que se cierre: los atributos de { $shown } imágenes, { $size }.
}
cache-unknown = Comprobando qué hay guardado en este navegador.
cache-clear = Borrar los atributos guardados
cache-clear-title = ¿Borrar los atributos guardados?
cache-clear-text = Se borran los atributos de todas las imágenes ({ $size }) y habrá que calcularlos otra vez. La cabeza entrenada se conserva.
cache-clear-confirm = Sí, borrar
cache-clear-keep = No, conservar
unused-remove = Borrar los que no se usan
unused-title = ¿Borrar los atributos que no se usan?
unused-text = Se borran { $size }. Si vuelves a usar esas imágenes, por ejemplo las de CIFAR-10, habrá que calcular otra vez sus atributos.
exchange-title = Del cuaderno y al cuaderno: atributos en archivos .npz
exchange-intro = El cuaderno guarda sus atributos en dos archivos, uno de entrenamiento y otro de prueba. Esta página escribe y lee los mismos.
exchange-intro-more = Van en el orden de las imágenes en uso. Una cabeza que aprende de los atributos del cuaderno se guarda aparte de las de esta red.
exchange-save-train = Guardar los atributos de entrenamiento
exchange-save-test = Guardar los atributos de prueba
exchange-import = Usar los atributos de un cuaderno
exchange-import-hint = Los dos archivos .npz a la vez, hechos con las imágenes de la celda 2 y en el mismo orden: de ahí salen las etiquetas.
exchange-writing = Escribiendo los atributos: { $share }.
exchange-reading = Leyendo los atributos: { $share }.
exchange-label = Avance del archivo
exchange-cancel = Cancelar
foreign-text = Se están usando atributos de archivos. Ellos, y la cabeza que aprende de ellos, se guardan aparte de los de esta red.
foreign-leave = Volver a los atributos de esta red

# 4. Entrenamiento
training-title = Entrenamiento
training-intro = Una cabeza pequeña aprende de los atributos y da una probabilidad por clase. Hay varias cabezas para elegir.
training-intro-more = La última quinta parte de las imágenes de entrenamiento no se usa para aprender, sino para validar; al final se conserva la época con menor pérdida de validación.
epochs-label = Épocas
epochs-note = Pasadas por todas las imágenes de entrenamiento. El cuaderno usa 50.
seed-label = Semilla
seed-note = Con la misma semilla el azar se repite, y el resultado es exactamente el mismo.
preset-label = Qué cabeza
preset-notebook = La del cuaderno
preset-notebook-note = Una convolución de 100 filtros, una media y una capa de salida, como en el cuaderno original.
preset-quick = Rápida
preset-quick-note = La media de los atributos y una sola capa: segundos en lugar de minutos, y casi igual de buena.
preset-strong = Fuerte
preset-strong-note = Una convolución de 256 filtros entre normalización y dropout: la más exacta y la más lenta.
preset-nearest = Vecinos más cercanos
preset-nearest-note = No se entrena: votan las cinco imágenes más parecidas. Al momento, y útil con muy pocas imágenes.
settings-title = Más ajustes
settings-intro = Al elegir una cabeza se ponen los valores que le van bien.
batch-label = Imágenes por paso
batch-note = Cuántas imágenes usa juntas cada paso del entrenamiento (el lote).
learning-rate-label = Tasa de aprendizaje
learning-rate-note = Lo grande que es cada paso. Demasiado grande, el entrenamiento se descontrola; demasiado pequeño, no avanza.
validation-share-label = Parte para validar
validation-share-note = Esta parte de las imágenes de entrenamiento, las últimas, solo sirve para elegir la mejor época. 0,2 es una quinta parte.
validation-share-takes = En un proyecto lo deciden las tomas: una toma de cada clase sirve para validar.
dropout-map-label = Dropout en la convolución
dropout-map-note = Qué parte de los valores se apaga al azar al aprender, para que la cabeza no dependa de ninguno.
dropout-pooled-label = Dropout tras la media
dropout-pooled-note = Lo mismo, antes de la capa de salida.
early-stopping-label = Parar cuando ya no mejora
patience-label = Paciencia
patience-note = Cuántas épocas seguidas pueden pasar sin que baje la pérdida de validación antes de parar.
train-start = Entrenar
train-again = Entrenar de nuevo
train-go-on = Seguir tras la época { $done } de { $all }
train-stop = Parar y quedarse con la mejor
training-loads = Leyendo los atributos guardados: { $done } de { $total }.
training-loads-unknown = Leyendo los atributos guardados.
training-loads-label = Leyendo los atributos
training-epoch = Época { $epoch } de { $epochs }
training-epoch-label = Avance de la época
training-exam-label = Avance de la prueba
training-best = Mejor época hasta ahora: { $epoch } (pérdida de validación { $loss }).
training-measuring = Entrenamiento terminado; midiendo la exactitud con las imágenes de prueba.
training-remembered = { $images ->
    [one] Una imagen recordada: no hay nada más que aprender.
   *[other] { $shown } imágenes recordadas: no hay nada más que aprender.
}
training-done = { $epochs ->
    [one] { $shown } época entrenada; se conserva la { $best }.
   *[other] { $shown } épocas entrenadas; se conserva la { $best }.
}
epochs-table = Épocas del entrenamiento
epochs-epoch = Época
epochs-loss = Pérdida
epochs-accuracy = Exactitud
epochs-val-loss = Pérdida val.
epochs-val-accuracy = Exactitud val.
epochs-seconds = Tiempo
epochs-best = la mejor

# 5. Resultado
result-title = Resultado
result-intro = La prueba: la cabeza clasifica imágenes que no ha visto nunca, ni para entrenar ni para elegir la mejor época.
result-accuracy-label = Exactitud en la prueba
result-correct = { $correct } de { $test } imágenes acertadas, con la época { $best }.
result-correct-nearest = { $correct } de { $test } imágenes acertadas.
result-interval = Intervalo de confianza del 95{"\u00A0"}% (Wilson): { $interval }.
result-notebook-label = El cuaderno original
result-fair = La comparación es justa: mismos datos y el mismo tipo de red.
result-unfair = No es una comparación justa, porque aquí cambian:
differs-drawn = los datos: figuras dibujadas en lugar de fotos de { -cifar }
differs-own = los datos: tus propias imágenes en lugar de { -cifar }
differs-data = los datos: no son las imágenes de { -cifar }
differs-images = el número de imágenes: { $train } de entrenamiento y { $test } de prueba, en lugar de 50.000 y 10.000
differs-development = la red: pesos de desarrollo, que rinden mal
differs-network = la red: no es InceptionV3 con los pesos de Keras
differs-settings = la cabeza o sus ajustes: no son los del cuaderno
differs-features = los atributos: de archivos, no de esta red
result-restored = Esta cabeza se entrenó en una visita anterior y estaba guardada.
result-source = Aprendió de: { $source }.
chart-loss = Pérdida por época
chart-loss-description = Pérdida de entrenamiento: de { $first } a { $last }. Pérdida de validación: { $best } en la mejor época, la { $epoch }.
chart-accuracy = Exactitud por época
chart-accuracy-description = Exactitud de entrenamiento: de { $first } a { $last }. Exactitud de validación: { $best } en la mejor época, la { $epoch }.
chart-train = entrenamiento
chart-validation = validación
chart-best = mejor época: { $epoch }
result-preset = Cabeza: { $preset }.
result-foreign = Aprendió de atributos que vinieron de archivos. No puede clasificar imágenes: la página no sabe qué red calculó esos atributos.
python-title = Llévatela a Python
python-intro = La cabeza entrenada en un archivo, en la forma que más te convenga, y para cada una un programa que la carga y clasifica.
python-classifier = El clasificador entero
python-classifier-note = Red y cabeza en un solo archivo ONNX de unos { $size }: entra una imagen y salen probabilidades.
python-onnx = La cabeza, para ONNX Runtime
python-onnx-note = Entran atributos y salen probabilidades. La celda 3 da los atributos en archivos.
python-safetensors = La cabeza, para NumPy
python-safetensors-note = Todos sus números como safetensors; su programa calcula solo con NumPy.
python-keras = La cabeza, para Keras
python-keras-note = Sus pesos para Keras 3; su programa construye el mismo modelo y los carga.
python-save = Guardar { $file }
python-program = Su programa, { $file }
python-copy = Copiar
python-copied = Copiado
python-making = Preparando el archivo.
python-downloading = Descargando la red para el archivo.
python-no-classifier = No puede haber un clasificador entero: la página no sabe qué red calculó los atributos de los archivos.
python-no-keras = No puede haber pesos para Keras: Keras no tiene ninguna capa que vote como los vecinos más cercanos.

before-title = Antes y después
before-before = Antes
before-now = Ahora
before-interval = Intervalo del 95{"\u00A0"}%
before-images = Aciertos
before-of = { $correct } de { $test }
before-head = Cabeza

# Lo que mostró la prueba.
exam-title = Míralo de cerca: qué se confundió con qué
exam-right = { $label }: acierto
exam-wrong = { $label }: dijo { $answer }
exam-confusion = Matriz de confusión
exam-confusion-intro = Cada fila es lo que son las imágenes; cada columna, lo que dijo la cabeza. En la diagonal acierta.
exam-confusion-hint = Pulsa un número para ver sus imágenes.
exam-confusion-restored = Para ver las imágenes de un número, vuelve a entrenar en esta visita.
exam-corner = es ↓ dijo →
exam-classes = Clase por clase
exam-classes-intro = Precisión: cuántas respuestas con esta clase acertaron. Exhaustividad: cuántas imágenes de esta clase se reconocieron.
exam-classes-intro-more = F1 es la media armónica de ambas: solo es alta si lo son las dos.
exam-class = Clase
exam-precision = Precisión
exam-recall = Exhaustividad
exam-f1 = F1
exam-support = Imágenes
exam-mistakes = Los errores con más confianza
exam-mistakes-intro = Las respuestas equivocadas de las que la cabeza estaba más segura. A veces la equivocada es la etiqueta.
exam-no-mistakes = Ni un solo error en la prueba.
relabel = En realidad es
relabel-done = { $count ->
    [one] { $shown } etiqueta corregida. Cuenta desde el próximo entrenamiento.
   *[other] { $shown } etiquetas corregidas. Cuentan desde el próximo entrenamiento.
}
relabel-train = Entrenar otra vez y comparar
exam-reliability = ¿Acierta tanto como promete?
exam-reliability-intro = Las respuestas, agrupadas por su confianza. Barras por debajo de la línea: la cabeza promete más de lo que cumple.
exam-reliability-error = De media, confianza y aciertos se separan un { $error } (error de calibración esperado).
exam-confidence = Confianza
exam-accuracy = Aciertos

leaky-title = ¿Y si la prueba hiciera trampa?
leaky-intro = Muchas herramientas reparten imagen a imagen: casi la misma cae en entrenamiento y en prueba. Mira qué exactitud habría anunciado eso aquí.
leaky-intro-more = Las imágenes son las mismas que antes. La cabeza de este experimento se descarta.
leaky-start = Probar el reparto tramposo
leaky-result = El reparto tramposo habría anunciado { $claim }; el honesto, { $honest }.

# 6. Pruébalo
classify-title = Pruébalo
classify-intro = Dale una imagen tuya y dirá qué ve. Cuando no puede saberlo, lo dice.
classify-intro-more = La red reduce la imagen a un cuadrado pequeño y calcula sus atributos, y la cabeza reparte la probabilidad entre las clases que conoce. No responde si no está bastante segura, o si la imagen no se parece a nada de lo aprendido.
classify-drop = Elige o suelta aquí una imagen
classify-drop-hint = JPEG, PNG, WebP, GIF o BMP. También puedes pegarla.
classify-waiting = Mirando { $name }.
classify-seen = Lo que ve la red
classify-answer = { $class }, { $probability }
classify-time = { $name }: { $time } desde el archivo hasta la respuesta.
classify-bars = Probabilidad de cada clase
classify-unknown = No lo sé
classify-unsure = Lo más probable es { $class }, con { $probability }, y responde a partir de { $threshold }.
classify-unfamiliar = La imagen no se parece a nada de lo aprendido: su distancia es { $distance } y el límite es { $limit }. Habría dicho { $class }, { $probability }.

doubt-title = Cuándo dice «No lo sé»
doubt-intro = Una respuesta de la que nadie se puede fiar es peor que ninguna. Los dos límites salen de la validación; puedes moverlos.
doubt-intro-more = A partir de esa probabilidad acertó en nueve de cada diez imágenes de validación, hasta donde se puede. Todas ellas, menos una de cada cien, quedan dentro de esa distancia.
doubt-confidence = Responde a partir de esta probabilidad:
doubt-confidence-note = Con 0{"\u00A0"}% responde siempre.
doubt-distance = Conoce imágenes hasta esta distancia:
doubt-distance-note = 0 es una imagen de la que aprendió; cuanto mayor, menos se parecen (1 menos el coseno entre los atributos).
doubt-tally = Responde al { $answered } de las imágenes de prueba y acierta el { $right } de esas. Si respondiera a todas, acertaría el { $all }.
doubt-nothing = Con estos límites no respondería a ninguna imagen de prueba.
doubt-reset = Volver a los límites de la validación

why-title = ¿Por qué? De dónde sale la respuesta
why-intro = Cada lugar de la imagen suma su parte a la puntuación de cada clase: lo que habla a favor y lo que habla en contra.
why-intro-more = No es una estimación: es la misma suma que hace la cabeza con los atributos.
why-class = Contribuciones a
why-map = La imagen con las contribuciones de sus lugares
why-for = habla a favor
why-against = habla en contra
why-table = Contribución de cada lugar
why-sum = { $places } lugares suman { $sum }; cada imagen recibe { $bias }; en total, { $total }. La puntuación de la clase es { $score }.
why-neighbours = Esta cabeza pregunta a los vecinos más cercanos, que comparan imágenes enteras: no hay lugares que mostrar.

live-title = Clasificar con la cámara
live-start = Clasificar con la cámara
live-freeze = Congelar (F)
live-frozen = La imagen congelada
live-rate = { $rate } imágenes por segundo.
live-stages = De cada una: preparar { $prepare }, red { $features }, cabeza { $head }.
live-send = Añadir esta imagen a:
live-sent = Añadida a { $class }.

# Avisos
error-label = Aviso
error-file = Archivo: { $file }
error-detail = Detalle técnico
error-dismiss = Cerrar el aviso
paste-nowhere = La imagen pegada no tiene todavía adónde ir.
paste-nowhere-next = Haz clic antes en una clase de tu proyecto, para añadirla ahí; o entrena una cabeza, para clasificarla.
paste-not-now = La imagen pegada no se puede usar ahora.
paste-not-now-next = Vuelve a pegarla dentro de un momento; el detalle técnico dice a qué espera la página.
problem-backbone = La descripción de la red falta o está dañada.
problem-backbone-next = Comprueba que existe en el servidor y vuelve a cargar la página; «cargo xtask model» la crea.
problem-server-silent = El servidor no responde.
problem-server-silent-next = Comprueba la conexión y vuelve a intentarlo; si no hay ningún botón, vuelve a cargar la página.
problem-download = La red no se ha descargado entera.
problem-download-next = Comprueba la conexión y vuelve a intentarlo: la descarga sigue donde se cortó.
problem-not-kept = La red no se pudo guardar entera para usarla sin internet.
problem-not-kept-next = Comprueba la conexión y el espacio libre del disco, y pulsa el botón otra vez: sigue donde se cortó.
problem-engine = Ningún motor ha podido calcular la red en este dispositivo.
problem-engine-next = Cierra otras pestañas para liberar memoria y vuelve a intentarlo, o elige el otro motor.
problem-site-data = Las imágenes de este sitio no se han descargado enteras.
problem-site-data-next = Comprueba la conexión y pulsa el botón otra vez. Lo que estaba en uso sigue en uso.
problem-not-a-dataset = Este archivo o carpeta no contiene imágenes de las que aprender.
problem-not-a-dataset-next = Elige un zip o una carpeta con una carpeta de imágenes por clase. Mientras tanto puedes usar la muestra incluida.
problem-not-a-dataset-next-more = También valen cifar-10-binary.tar.gz y cifar-10-python.tar.gz o archivos sueltos suyos, y los arrays de Keras en .npz o .npy. Los atributos de un cuaderno van en la celda 3.
problem-classes = Las carpetas de este zip no forman entre 2 y 100 clases.
problem-classes-next = Pon las imágenes de cada clase en una carpeta con su nombre, al menos dos carpetas, y vuelve a comprimirlas.
problem-damaged-dataset = El archivo de imágenes está dañado o incompleto.
problem-damaged-dataset-next = Descárgalo de nuevo y vuelve a elegirlo.
problem-cut-download = Falta el final del archivo: la descarga se cortó.
problem-cut-download-next = Descárgalo de nuevo entero y vuelve a elegirlo. No se ha cambiado nada.
problem-foreign-archive = Este es un archivo del tipo { $found }, no un zip.
problem-foreign-archive-next = Descomprímelo y vuelve a comprimir las carpetas de imágenes como un .zip normal.
problem-web-page-file = Este archivo es una página web, no un archivo comprimido: el servidor la envió en su lugar.
problem-web-page-file-next = Abre la dirección en el navegador, entra o confirma allí si te lo pide, descarga el propio archivo comprimido y elígelo.
problem-locked-archive = Todas las imágenes de este archivo están protegidas con contraseña.
problem-locked-archive-next = Haz el zip de nuevo sin contraseña y vuelve a elegirlo.
problem-strange-packing = Este archivo está comprimido de un modo que esta página no puede leer.
problem-strange-packing-next = Descomprímelo, vuelve a comprimir las carpetas con el método habitual (Deflate), en una sola pieza, y elige ese.
problem-no-class-folders = Hay imágenes, pero no carpetas que digan de qué clase son.
problem-no-class-folders-next = Haz una carpeta por clase con sus imágenes dentro, y elige la carpeta que las contiene todas, o comprímelas juntas.
problem-no-class-folders-next-more = Por ejemplo «gatos/1.jpg» y «perros/1.jpg». Las imágenes de una sola clase las puedes añadir a una clase de un proyecto tuyo.
problem-too-few-pictures = Hay muy pocas imágenes de las que aprender: { $found }.
problem-too-few-pictures-next = Hacen falta al menos dos clases con tres imágenes distintas cada una: una para entrenar, una para validar, una para la prueba.
problem-none-read = No se ha podido leer ninguna de estas imágenes: { $found }.
problem-none-read-next = Guárdalas como JPEG o PNG, copia otra vez las dañadas y vuelve a elegirlas.
problem-same-pictures = Las mismas imágenes están en varias clases. Clases sin ninguna imagen propia: { $found }.
problem-same-pictures-next = Pon en la carpeta de cada clase solo sus imágenes. Hacen falta al menos dos clases con tres imágenes propias.
problem-mixed-files = Estos archivos son de tipos distintos y no forman un conjunto de datos.
problem-mixed-files-next = Elige un solo tipo cada vez: zips y carpetas de imágenes, los archivos de { -cifar } o arrays en .npz.
problem-unpacks-too-far = Este archivo ocupa muchísimo más una vez descomprimido.
problem-unpacks-too-far-next = Descomprímelo primero y elige lo que salga: la carpeta de imágenes, los lotes o todos los archivos .npy juntos.
problem-no-array = Entre estos arrays no hay imágenes con etiquetas: { $found }.
problem-no-array-next = Llama x_train a las imágenes e y_train a sus etiquetas; x_test e y_test pueden faltar. Guárdalas así y vuelve a elegirlas.
problem-no-array-next-more = En Python: np.savez("mis_datos.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test). O elige juntos todos sus archivos .npy. Los atributos de un cuaderno van en la celda 3.
problem-array-shape = Este array no tiene la forma o el tipo que hace falta: { $found }.
problem-array-shape-next = Las imágenes son imágenes × alto × ancho × 3; las etiquetas, un número entero cada una. Cámbialo en Python y guárdalo de nuevo.
problem-array-shape-next-more = A las imágenes grises les puede faltar el 3, y una etiqueta puede ser una fila con un solo 1.
problem-array-objects = Este array contiene objetos de Python en lugar de números: { $found }.
problem-array-objects-next = La página no ejecuta nada que venga en un archivo, así que no los abre. Guarda números sin más y vuelve a elegirlo.
problem-array-objects-next-more = Por ejemplo y_train.astype("int64").
problem-array-values = Este array contiene números que no son valores de brillo: { $found }.
problem-array-values-next = Usa números enteros de 0 a 255, o esos divididos entre 255. Guarda las imágenes como estaban antes de normalizarlas.
problem-array-values-next-more = Si van de 0 a 1, guárdalas como (x * 255).round().astype("uint8").
problem-array-counts = No hay tantas etiquetas como imágenes: { $found }.
problem-array-counts-next = Cada imagen tiene una etiqueta, en el mismo orden. Corrígelo en Python y guarda de nuevo los dos arrays.
problem-label-classes = Un conjunto de datos tiene entre 2 y 100 clases, pero las etiquetas forman { $found }.
problem-label-classes-next = Todas las imágenes de una clase llevan el mismo número como etiqueta. Corrige las etiquetas en Python y guárdalas de nuevo.
problem-which-batch = La página no puede saber cuál de estos archivos es el de prueba: { $found }.
problem-which-batch-next = Devuélveles sus nombres, de data_batch_1.bin a data_batch_5.bin y test_batch.bin, y elígelos de nuevo.
problem-same-batch = Estos dos archivos son la misma parte de los datos: { $found }.
problem-same-batch-next = Contienen las mismas imágenes o se llaman igual. Deja uno fuera y elige los demás de nuevo.
problem-mixed-sets = Uno de estos archivos es de { -cifar } y el otro de { -cifar100 }: { $found }.
problem-mixed-sets-next = Elige los archivos de solo uno de los dos.
problem-empty-file = El archivo está vacío.
problem-empty-file-next = Elige otro; puede que la descarga se cortara.
problem-unreadable-file = El navegador no ha podido leer el archivo hasta el final.
problem-unreadable-file-next = Comprueba que no se ha movido ni borrado y vuelve a elegirlo.
problem-picture-gone = Ya no se puede leer una imagen de estos datos: el archivo se ha movido, ha cambiado o se ha desconectado.
problem-picture-gone-next = Vuelve a conectarlo o a dejarlo en su sitio y elige otra vez el archivo. Lo que ya está calculado se conserva.
problem-not-an-image = Este archivo no es una imagen.
problem-not-an-image-next = Elige un JPEG, PNG, WebP, GIF o BMP.
problem-image-format = { $format ->
    [HTML] Este archivo es una página web, no una imagen.
    [PDF] Este archivo es un PDF, no una imagen.
    [MP4] Este archivo es un vídeo, no una imagen.
    [TXT] Este archivo es texto, no una imagen.
   *[other] Esta imagen está en formato { $format }, que esta página no puede leer.
}
problem-image-format-next = { $format ->
    [HTML] Ábrela, guarda la imagen misma (clic derecho, «Guardar imagen») y elige ese archivo.
    [PDF] Guarda como JPEG o PNG la imagen que contiene y elige ese archivo.
    [MP4] Páralo en el momento que quieras, haz una captura de pantalla y elígela.
    [TXT] Elige un JPEG, PNG, WebP, GIF o BMP.
    [HEIC] Ábrela y guárdala como JPEG. Un iPhone hace las fotos en JPEG si en Ajustes > Cámara > Formatos eliges «El más compatible».
    [RAW] Guárdala como JPEG con el programa de la cámara, o pon la cámara en JPEG.
    [SVG] Es un dibujo sin píxeles: expórtalo como PNG y elige ese archivo.
   *[other] Ábrela con un programa que la muestre, guárdala como JPEG o PNG y elige ese archivo.
}
problem-image-cut = Esta imagen está cortada: el archivo termina antes que la imagen.
problem-image-cut-next = Cópiala o descárgala de nuevo y vuelve a elegirla. Nunca se usa media imagen.
problem-image-damaged = Esta imagen está dañada, o guardada de una manera que esta página no lee.
problem-image-damaged-next = Ábrela con un programa que la muestre, guárdala otra vez como JPEG o PNG y elige ese archivo.
problem-image-too-large = La imagen es demasiado grande: sus { $size } píxeles ocupan { $megabytes }{"\u00A0"}MB mientras se lee, y el límite son { $limit }{"\u00A0"}MB.
problem-image-too-large-next = Redúcela, o guárdala como JPEG sin «progresivo»: esos se leen hasta { $pixels } megapíxeles.
problem-image-file-too-large = Este archivo es demasiado grande para ser una imagen.
problem-image-file-too-large-next = El archivo de una imagen puede tener hasta { $limit }{"\u00A0"}MB: guárdala como JPEG, o más pequeña, y elige ese archivo.
problem-pictures-small = Esta red ve { $size }{"\u00A0"}×{"\u00A0"}{ $size } píxeles. Una versión anterior de la página guardó imágenes de este proyecto ({ $count }) a 224{"\u00A0"}×{"\u00A0"}224.
problem-pictures-small-next = Funciona tal como está. Para que la red vea más, añade otra vez las fotos originales y borra las antiguas.
problem-too-few-images = Hay muy pocas imágenes para entrenar.
problem-too-few-images-next = Sube los límites de cuántas imágenes se usan, o elige más archivos.
problem-features-missing = Faltan atributos de algunas imágenes.
problem-features-missing-next = Calcula los que faltan y vuelve a entrenar.
problem-no-head = Todavía no hay ninguna cabeza entrenada.
problem-no-head-next = Entrena una primero.
problem-no-exam = Las imágenes de este número no están disponibles.
problem-no-exam-next = Vuelve a entrenar con estas imágenes en uso y pulsa entonces el número.
problem-exam-changed = Esta imagen de prueba ya no está en uso.
problem-exam-changed-next = Vuelve a usar las mismas imágenes, entrena y corrige entonces la etiqueta.
problem-out-of-memory = Esto no cabe en la memoria que puede usar la página.
problem-out-of-memory-next = Usa menos imágenes, o cierra otras pestañas.
problem-disk-full = El disco está lleno, o esta página ha agotado su parte.
problem-disk-full-next = Lo guardado no se pierde: libera espacio y continúa, o borra los atributos guardados.
problem-too-little-room = Los atributos de estas imágenes no caben en el espacio que el navegador concede a esta página.
problem-too-little-room-next = Libera espacio en el disco, borra los atributos guardados o usa menos imágenes. Después vuelve a calcularlos.
problem-store-unavailable = Este navegador no puede guardar nada: lo que hagas aquí dura mientras esta pestaña esté abierta.
problem-store-unavailable-next = Exporta lo que quieras conservar. O abre la página en una ventana normal, no privada.
problem-store-unavailable-next-more = Para que guarde, permite también a esta página guardar datos y cierra sus otras pestañas.
problem-store-lost = El navegador ha cerrado el almacenamiento de esta página y no lo vuelve a abrir.
problem-store-lost-next = Vuelve a cargar la página. Lo guardado se conserva, salvo que se hayan borrado los datos de este sitio.
problem-store-taken = Hay una versión más nueva de esta página abierta en otra pestaña.
problem-store-taken-next = Vuelve a cargar esta pestaña; lo guardado se conserva.
problem-store-damaged = Algo de lo guardado estaba dañado y se ha descartado.
problem-store-damaged-next = Vuelve a calcular lo que falta; si se trata de la cabeza, entrénala de nuevo.
problem-store-mended = Algo de lo guardado estaba dañado; la página lo está calculando de nuevo.
problem-store-mended-next = No hay que hacer nada: lo que estaba en marcha sigue después.
problem-team-lost = Los hilos que entrenan se han detenido una y otra vez.
problem-team-lost-next = Cierra otras pestañas para liberar memoria y vuelve a entrenar: sigue tras la última época conservada.
problem-feature-arrays = Estos archivos no contienen los atributos de un cuaderno.
problem-feature-arrays-next = Elige juntos los dos archivos .npz, como los escribe numpy.savez. No se ha cambiado nada.
problem-feature-arrays-next-more = Uno tiene el array «atributos» y el otro «atributos_prueba».
problem-feature-shape = Los atributos de este archivo no tienen la forma o el tipo de los de esta red.
problem-feature-shape-next = Deben tener la forma que muestra la celda 1. Abre la red a la que pertenecen o guárdalos de nuevo. No se ha cambiado nada.
problem-feature-shape-next-more = Son imágenes × alto × ancho × canales, en float16, float32 o float64.
problem-feature-count = En este archivo no hay tantos atributos como imágenes en uso.
problem-feature-count-next = Elige en la celda 2 exactamente las imágenes de las que se calcularon. No se ha cambiado nada.
problem-feature-count-next-more = Un proyecto no puede usar atributos de archivos.
problem-feature-damaged = El archivo de atributos está dañado o contiene algo que no es un número.
problem-feature-damaged-next = Guárdalo de nuevo donde se hizo y elige el archivo nuevo. No se ha cambiado nada.
problem-feature-foreign = Esto no es posible con atributos de archivos: la página no sabe qué red los calculó.
problem-feature-foreign-next = Vuelve en la celda 3 a los atributos de esta red y entrena con ellos.
problem-not-exported = No se pudo hacer el archivo.
problem-not-exported-next = Entrena la cabeza de nuevo o vuelve a cargar la página, e inténtalo otra vez.
problem-project-name = Este nombre no sirve: está vacío, es demasiado largo o ya lo lleva otra clase.
problem-project-name-next = Elige otro de hasta 60 letras.
problem-project-full = El proyecto ya está lleno.
problem-project-full-next = Caben hasta 100 clases y 50.000 imágenes: borra algunas o empieza otro proyecto.
problem-adding-ended = Has dejado de añadir imágenes: { $count } de { $total } están en el proyecto.
problem-adding-ended-next = «Deshacer» las quita. Para tener el resto, añade los archivos que faltan.
problem-project-changed = El proyecto ha cambiado en otro sitio, quizá en otra pestaña.
problem-project-changed-next = Vuelve a cargar la página y repite el cambio.
problem-project-foreign = Este archivo no es un proyecto que esta página pueda abrir.
problem-project-foreign-next = Elige un .zip hecho con «Exportar el proyecto». Si viene de una página más nueva, actualiza esta. No se ha cambiado nada.
problem-project-damaged = El archivo del proyecto está dañado o incompleto.
problem-project-damaged-next = Expórtalo de nuevo donde se hizo y elige el archivo nuevo. No se ha cambiado nada.
problem-too-few-takes = Hay muy pocas tomas para una prueba honesta.
problem-too-few-takes-next = Graba cada clase al menos tres veces, soltando el botón entre una y otra, o añade más fotos. Hacen falta al menos dos clases.
problem-setting = Un ajuste del entrenamiento está fuera de rango.
problem-setting-next = Revisa los ajustes del entrenamiento.
problem-diverged = El entrenamiento se ha descontrolado: la pérdida ha dejado de ser un número.
problem-diverged-next = Prueba con otra semilla o con más imágenes.
diverged = Con una tasa de aprendizaje de { $rate } el entrenamiento se ha descontrolado: la pérdida ha dejado de ser un número.
diverged-next = Suele ayudar dar pasos más pequeños. Si hubo una buena época antes, se conserva.
diverged-again = Entrenar con { $rate }
problem-session-lost = La parte de la página que calcula se ha detenido.
problem-session-lost-next = Vuelve a cargar la página: los atributos ya guardados se conservan.
problem-other-build = La página se ha renovado desde que la abriste, y sus partes viejas y nuevas no se entienden.
problem-other-build-next = Vuelve a cargarla: todo lo guardado se conserva.
query-backbone = La dirección de la red que pide el enlace no se admite.
query-backbone-next = «backbone» debe ser una ruta de este mismo sitio, como models/inception_v3.json. Corrige el enlace o quítalo.
query-engine = El motor que pide el enlace no existe.
query-engine-next = «engine» puede ser auto, cpu o webgpu. Se usa auto.
query-number = Un límite del enlace no es un número válido.
query-number-next = «train», «test» y «workers» deben ser enteros a partir de 1. La página no lo tiene en cuenta.

# Lo que se lee en voz alta
live-reading = Leyendo las imágenes.
live-data = Imágenes listas.
live-extracting = Calculando atributos: { $percent } hecho.
live-paused = Cálculo de atributos en pausa.
live-extracted = Todos los atributos están guardados.
live-training = Entrenando, { $epoch } épocas hechas.
live-training-started = Entrenamiento en marcha.
live-result = Exactitud en la prueba: { $accuracy }.
live-classified = Es { $class }, con probabilidad { $probability }.
live-unsure = No lo sé. Lo más probable es { $class }, con probabilidad { $probability }.
live-unfamiliar = No lo sé: la imagen no se parece a nada de lo aprendido.

# Nombres de las clases
class-airplane = avión
class-automobile = automóvil
class-bird = pájaro
class-cat = gato
class-deer = ciervo
class-dog = perro
class-frog = rana
class-horse = caballo
class-ship = barco
class-truck = camión
class-circle = círculo
class-triangle = triángulo
class-square = cuadrado
class-star = estrella
class-cross = cruz
class-ring = anillo
class-stripes = rayas
class-checkerboard = ajedrezado
class-dots = puntos
class-crescent = media luna

# El mapa de los atributos

map-title = Lo que ve la red
map-intro = Cada punto es una imagen. Las imágenes que la red ve parecidas quedan cerca.
map-draw = Dibujar el mapa
map-draw-again = Volver a dibujar el mapa
map-reading = Leyendo los atributos
map-moving = Acercando las imágenes parecidas
map-stop = Parar
map-method = Colocadas por
map-method-tsne = parecido (t-SNE)
map-method-pca = mayores diferencias (PCA)
map-sample = { $shown } de { $all } imágenes, elegidas al azar.
map-explained = Estas dos direcciones recogen el { $share } de todas las diferencias entre las imágenes.
map-label = { $count ->
    [one] Mapa de una imagen
   *[other] Mapa de { $shown } imágenes
}
map-keys = Arrastra para moverlo. Las flechas van de imagen en imagen, + y − acercan y alejan, 0 lo muestra entero.
map-zoom-in = Acercar
map-zoom-out = Alejar
map-whole = Ver el mapa entero
map-choose = Pulsa un punto para ver su imagen y las que más se le parecen.
map-is-training = imagen de entrenamiento
map-is-test = imagen de prueba
map-taken-for = Dijo: { $answer }
map-taken-right = Bien reconocida
map-neighbours = Las más parecidas
map-classes = Clases
map-training = de entrenamiento
map-test = de prueba
map-mistake = un error
map-table = El mapa en números
map-table-caption = Para cada clase: de qué clases son las diez vecinas más cercanas de sus imágenes en el mapa.
map-table-images = Imágenes
map-table-own = De la misma clase
map-table-other = La mayoría de las demás
problem-no-map = No se puede dibujar el mapa: algunos atributos no son números que sirvan.
problem-no-map-next = Borra los atributos guardados, vuelve a calcularlos y dibuja el mapa.

# El panel del dispositivo y su comprobación
device-asks-update = Nueva versión
device-asks-failed = Sin guardar
device-asks-network = Descargando la red
storage-features = Los atributos ocupan { $size }.
storage-unused = De ellos, { $size } no son de ningún proyecto ni de nada que esté abierto.
storage-room = Caben { $room } más.
storage-lasting = El navegador conserva lo guardado.
storage-passing = El navegador puede borrarlo si se llena el disco.
storage-tab = Todo se pierde al cerrar esta pestaña.
check-title = ¿Está listo este dispositivo?
check-about = La comprobación dura unos diez segundos. No se envía nada a ninguna parte.
check-about-network = La comprobación dura unos diez segundos. Antes descarga lo que falta de la red: { $missing }.
check-start = Comprobar este dispositivo
check-again = Comprobar otra vez
check-stop = Parar la comprobación
check-skip = Saltar
check-skip-label = Saltar: { $part }
check-ask-camera = Probar la cámara
check-save = Guardar como archivo de texto
check-what = Qué
check-result = Resultado
check-means = Qué significa
check-summary = La comprobación ha terminado. Bien: { $good } de { $all }. No funciona: { $bad }.
check-report = bottleneck: comprobación de este dispositivo
check-date = Fecha
check-version = Versión de la página
check-browser = Navegador
check-part-cpu = Procesador (CPU)
check-part-webgpu = Tarjeta gráfica (WebGPU)
check-part-camera = Cámara
check-part-storage = Almacenamiento
check-part-persistence = Almacenamiento duradero
check-part-offline = Sin internet
check-part-threads = Núcleos y memoria
check-good = Bien
check-fair = Con límites
check-bad = No funciona
check-spare = No hace falta
check-untried = Sin probar
check-silent = Sin respuesta
check-running = Comprobando
check-moment = Un momento.
check-moment-next = Termina sola.
check-skipped = Se ha saltado.
check-skipped-next = Comprueba otra vez para saberlo.
check-busy = La página está calculando.
check-busy-next = Comprueba otra vez cuando acabe.
check-no-network = La red aún no está descargada: faltan { $missing }.
check-no-network-next = Guarda todo con el botón de arriba y comprueba otra vez.
check-no-answer = No ha respondido en { $time }.
check-no-answer-next = Comprueba otra vez. Si sigue igual, reinicia el navegador.
check-speed = { $speed } imágenes por segundo, con resultados correctos.
check-speed-good = 100 imágenes tardan unos { $time }.
check-speed-slow = 100 imágenes tardan unos { $time }: usa pocas y la red más ligera.
check-no-adapter = El navegador no ofrece ninguna.
check-silent-adapter = El navegador ofrece una, pero no responde.
check-software-adapter = Solo la imita el procesador, despacio.
check-cpu-instead = No hay que hacer nada: trabaja el procesador.
check-failed = No arranca o da resultados incorrectos ({ $cause }).
check-failed-next = Cierra otras pestañas y comprueba otra vez, o actualiza el navegador.
check-camera = Envía imágenes.
check-camera-next = Lista para grabar.
check-cameras = { $cameras ->
    [one] { $shown } cámara, sin probar: el navegador pregunta antes.
   *[other] { $shown } cámaras, sin probar: el navegador pregunta antes.
}
check-cameras-next = Pulsa «Probar la cámara» y permítela.
check-storage-refused = Aquí no se puede guardar nada.
check-storage-refused-next = Usa una ventana normal, no una privada, o exporta antes de cerrarla.
check-storage-unsized = Guarda y vuelve a leer. El navegador no dice cuánto cabe.
check-storage-room = Guarda y vuelve a leer. Caben { $room } más.
check-storage-good = Basta para los proyectos de todo el grupo.
check-storage-little = Basta para proyectos pequeños. Para más, haz sitio en el disco.
check-storage-none = Es muy poco para un proyecto: haz sitio en el disco.
check-lasting = El navegador conserva lo guardado.
check-lasting-next = No hay que hacer nada.
check-lasting-unknown = El navegador no lo dice.
check-passing = El navegador puede borrarlo si se llena el disco.
check-passing-next = Exporta los proyectos al final de la clase.
check-offline = La página y la red están guardadas.
check-offline-next = La clase funciona sin internet.
check-offline-network = La página está guardada; de la red faltan { $missing }.
check-offline-network-next = Guarda todo con el botón de arriba, antes de la clase.
check-offline-site = La página aún no está guardada entera.
check-offline-site-next = Espera un momento y comprueba otra vez.
check-offline-unsupported = El navegador no puede guardar la página desde esta dirección.
check-offline-unsupported-next = La clase necesita el servidor. Solo https puede cambiarlo.
check-threads = { $memory ->
    [0] { $cores } núcleos que comparten memoria. El navegador no dice cuánta.
   *[other] { $cores } núcleos que comparten memoria, { $memory }{"\u00A0"}GB o más.
}
check-threads-apart = { $memory ->
    [0] { $cores } núcleos que no pueden compartir memoria. El navegador no dice cuánta hay.
   *[other] { $cores } núcleos que no pueden compartir memoria, { $memory }{"\u00A0"}GB o más.
}
check-threads-next = El entrenamiento se reparte entre ellos.
check-threads-few = El entrenamiento tarda más: mejor la cabeza rápida.
check-threads-apart-next = El entrenamiento gasta más memoria. Abre la página por https o en el propio ordenador que la sirve.

# Lo que ha salido de una celda, en una línea
line-engine = { $name } en { $engine }
line-engine-starts = { $name } arranca en { $engine }
line-data = { $train } imágenes de entrenamiento y { $test } de prueba
line-features = Atributos de { $done } de { $total } imágenes

# Las palabras del oficio, y lo que va más allá de las primeras frases
more = Más
glossary-title = Glosario
glossary-close = Cerrar
terms-new = Palabras nuevas:
term-class = clase
term-class-about = Lo que puede ser una imagen, por ejemplo gato o perro. La cabeza elige entre las clases.
term-label = etiqueta
term-label-about = La clase que alguien dice que tiene una imagen. La cabeza aprende de las etiquetas; una equivocada enseña algo equivocado.
term-take = toma
term-take-about = Imágenes que van juntas, como las de una grabación. Nunca se reparten entre entrenamiento y prueba.
term-training = entrenamiento
term-training-about = La cabeza mira imágenes etiquetadas una y otra vez y cambia sus números para responder mejor.
term-validation = validación
term-validation-about = Imágenes de las que no se aprende, pero que se miran tras cada época para elegir la mejor época.
term-test = prueba
term-test-about = Imágenes que no sirvieron para aprender ni para elegir. Solo ellas dicen cómo de buena es la cabeza.
term-network = red
term-network-about = La parte grande, que alguien entrenó con muchísimas fotos. Aquí se queda como está.
term-weights = pesos
term-weights-about = Los números de una red o de una cabeza que ha fijado el entrenamiento. Son todo lo que ha aprendido.
term-engine = motor
term-engine-about = El programa que calcula la red: en el procesador (CPU) o en la tarjeta gráfica (WebGPU).
term-transfer = aprendizaje por transferencia
term-transfer-about = Aprovechar para una tarea lo que una red aprendió en otra: solo aprende de nuevo una cabeza pequeña.
term-feature = atributo
term-feature-about = Un número con el que la red dice cuánto ve de algo en una imagen. Cada imagen tiene miles.
term-bottleneck = cuello de botella
term-bottleneck-about = El lugar estrecho antes de la última capa, por el que todo tiene que pasar. De ahí salen los atributos.
term-head = cabeza
term-head-about = La parte pequeña que aprende aquí. Convierte los atributos en una probabilidad por clase.
term-epoch = época
term-epoch-about = Una pasada del entrenamiento por todas las imágenes de entrenamiento.
term-batch = lote
term-batch-about = Las imágenes que cada paso del entrenamiento usa juntas.
term-learning-rate = tasa de aprendizaje
term-learning-rate-about = Lo grande que es cada paso del entrenamiento. Si es demasiado grande, se pasa; si es demasiado pequeño, no llega nunca.
term-dropout = dropout
term-dropout-about = Al aprender se apagan valores al azar, para que la cabeza no dependa de ninguno.
term-seed = semilla
term-seed-about = Un número del que sale todo el azar. Con la misma semilla todo se repite igual.
term-loss = pérdida
term-loss-about = Cuánto se equivoca la cabeza, en un número. El entrenamiento la hace más pequeña.
term-overfitting = sobreajuste
term-overfitting-about = Aprender de memoria: bien con las imágenes de entrenamiento, peor con las nuevas. La validación lo muestra.
term-accuracy = exactitud
term-accuracy-about = La parte de las imágenes de prueba en las que acierta la cabeza.
term-interval = intervalo de confianza
term-interval-about = La exactitud verdadera está probablemente entre estos dos valores. Cuantas menos imágenes de prueba, más ancho es.
term-confusion = matriz de confusión
term-confusion-about = Una tabla de lo que son las imágenes y lo que dijo la cabeza. Muestra qué clases se confunden.
term-precision = precisión y exhaustividad
term-precision-about = Precisión: cuántas respuestas de una clase aciertan. Exhaustividad: cuántas imágenes de una clase se encuentran.
term-probability = probabilidad
term-probability-about = Cuánto cree la cabeza en una clase, de 0 a 100{"\u00A0"}%. Entre todas suman 100{"\u00A0"}%.
term-calibration = calibración
term-calibration-about = Si acierta tantas veces como promete: de las respuestas con 90{"\u00A0"}%, deberían acertar nueve de cada diez.

# La ficha del modelo
card-open = Ficha del modelo para imprimir
card-title = Ficha del modelo: { $name }
card-print = Imprimir
card-close = Cerrar
card-date = { $date }, hecha con bottleneck
card-data = Datos
card-source = { $source }: { $train } imágenes de entrenamiento y { $test } de prueba.
card-changed = Las imágenes de las que aprendió no están en uso ahora: no se sabe cuántas tenía cada clase.
card-class = Clase
card-example = Ejemplo
card-learn = Entrenar
card-exam = Probar
card-left-out = Lo que se dejó fuera o se usó de otro modo
card-nothing-left-out = No se dejó nada fuera.
card-split = Reparto
card-split-three = { $learnt } imágenes para entrenar, { $validation } para validar, { $test } para la prueba.
card-split-two = { $learnt } imágenes recordadas, { $test } para la prueba.
card-split-takes = Las imágenes de una misma toma nunca se repartieron entre entrenamiento y prueba.
card-split-plain = Las imágenes de prueba no sirvieron ni para entrenar ni para elegir la época.
card-made = Red y cabeza
card-network = Red: { $name }. Pesos: { $source }. Licencia: { $licence }.
card-network-unknown = Los atributos vinieron de archivos: la página no sabe qué red los calculó.
card-head = Cabeza: { $head }.
card-settings = { $done } de { $epochs } épocas, la mejor es la { $best }; { $batch } imágenes por paso; tasa de aprendizaje { $rate }; semilla { $seed }.
card-settings-nearest = No se entrena: votan las cinco imágenes más parecidas.
card-results = Resultados de la prueba
card-accuracy = { $correct } de { $test } imágenes acertadas: { $accuracy } (intervalo del 95{"\u00A0"}%: de { $low } a { $high }).
card-right = Aciertos
card-recall = Parte
card-interval = Intervalo del 95{"\u00A0"}%
card-limits = Límites
card-limit-classes = Solo conoce { $shown } clases: vea lo que vea, dice una de ellas, o que no lo sabe.
card-limit-alike = Conoce imágenes como las que aprendió. Otra cámara, otra luz u otro fondo pueden engañarla.
card-limit-few = { $images ->
    [one] La prueba tuvo solo una imagen: la exactitud verdadera puede estar entre { $low } y { $high }.
   *[other] La prueba tuvo solo { $shown } imágenes: la exactitud verdadera puede estar entre { $low } y { $high }.
}
card-limit-class-few = Con menos de diez imágenes de prueba se sabe poco de: { $names }.
card-limit-untested = Sin probar: { $names }.
card-limit-mixed = { $label }: dijo { $answer } en { $count } de { $of } imágenes.
card-limit-development = Los pesos de la red se entrenaron para otra tarea y aciertan poco.
card-limit-people = No sirve para tomar decisiones sobre personas.

# Entrenamientos terminados, y lo que dos de ellos dicen uno del otro
trainings-title = Compara tus entrenamientos
trainings-intro = Cada entrenamiento terminado es una fila de esta tabla, y se queda. Elige dos filas para compararlas.
trainings-none = Todavía no hay ningún entrenamiento guardado. El próximo aparecerá aquí.
trainings-table = Entrenamientos terminados
trainings-choose = Elegir
trainings-choose-one = Elegir «{ $name }» para compararlo
trainings-name = Nombre
trainings-name-one = Nombre de «{ $name }»
trainings-unnamed = Entrenamiento { $number }
trainings-network = Red
trainings-foreign = Atributos de archivos
trainings-head = Cabeza
trainings-settings = Ajustes
trainings-train = Imágenes de entrenamiento
trainings-test = Imágenes de prueba
trainings-correct = Aciertos
trainings-accuracy = Exactitud
trainings-low = Exactitud, como poco
trainings-high = Exactitud, como mucho
trainings-time = Tiempo
trainings-seconds = Segundos
trainings-made = Fecha
trainings-delete = Borrar
trainings-delete-one = Borrar «{ $name }»
trainings-deleted = Se ha borrado «{ $name }».
trainings-undo = Deshacer
trainings-dropped = { $count ->
    [one] En la tabla caben { $most } entrenamientos. El más antiguo se ha quitado.
   *[other] En la tabla caben { $most } entrenamientos. Los { $shown } más antiguos se han quitado.
}
trainings-csv = Guardar como tabla (CSV)
trainings-epochs = { $epochs ->
    [one] 1 época
   *[other] { $shown } épocas
}
trainings-seed = semilla { $value }
trainings-batch = { $value } imágenes por paso
trainings-rate = tasa de aprendizaje { $value }
trainings-share = validación { $value }
trainings-dropout-map = dropout en la convolución { $value }
trainings-dropout-pooled = dropout tras la media { $value }
trainings-patience = paciencia { $value }
compare-choose = Elige dos filas. Aquí leerás qué cabeza es mejor, o que nadie lo puede saber.
compare-waits = Comparando…
compare-measured = En { $images } imágenes de prueba de las que ninguna aprendió, «{ $first }» acierta { $right } y «{ $second }», { $other }.
compare-alone = Solo «{ $first }» acierta en { $alone } de ellas; solo «{ $second }», en { $other }.
compare-better = «{ $better }» es mejor. Si las dos fueran igual de buenas, el azar daría una diferencia así en { $chance } de los casos.
compare-open = Puede ser azar. Si las dos fueran igual de buenas, una diferencia así saldría en { $chance } de los casos.
compare-same = Las dos aciertan exactamente las mismas imágenes.
compare-too-few = Solo comparten { $images } imágenes de prueba de las que ninguna aprendió. Para compararlas hacen falta { $fewest }.
compare-relabelled = { $count ->
    [one] Una imagen queda fuera: su etiqueta ha cambiado desde entonces.
   *[other] { $shown } imágenes quedan fuera: sus etiquetas han cambiado desde entonces.
}
compare-chance = el { $value }
compare-tiny = menos del { $value }
compare-method = Prueba exacta de McNemar, con las imágenes que solo acierta una de las dos. Por debajo del 5{"\u00A0"}% la página dice que una es mejor.
problem-trainings-damaged = La tabla de entrenamientos terminados estaba dañada y empieza de cero.
problem-trainings-damaged-next = No hay que hacer nada: tus imágenes y la cabeza entrenada siguen intactas.

# Curva de aprendizaje
curve-title = ¿Ayudarían más imágenes?
curve-intro = Varias cabezas aprenden del 10, 20, 40, 70 y 100{"\u00A0"}% de las imágenes de entrenamiento y hacen la misma prueba. Después se descartan.
curve-head = Cabeza
curve-takes = Tardará unos { $time }, a juzgar por lo que tardó «{ $name }».
curve-takes-other = Tardará quizá { $time }, a juzgar por «{ $name }», que tiene otro tipo de cabeza: puede ser mucho más o menos.
curve-unknown = La página no puede decir cuánto tardará: en la tabla de arriba no hay ningún entrenamiento terminado.
curve-start = Dibujar la curva de aprendizaje
curve-cancel = Cancelar
curve-running = Cabeza { $point } de { $points }: aprende de { $images } imágenes.
curve-progress = Avance de la curva de aprendizaje
curve-chart = Exactitud en la prueba según las imágenes de entrenamiento, con intervalos del 95{"\u00A0"}%
curve-description = Exactitud en la prueba: { $first } con { $few } imágenes, { $last } con { $many }.
curve-share = Parte
curve-images = Imágenes
curve-left-out = Quedan fuera: { $shares }. Con tan pocas imágenes este punto sería igual que el siguiente.
curve-rising = Todavía sube: más imágenes ayudarían.
curve-flat = Es plana: más imágenes como estas apenas ayudarían.
curve-unsure = Todavía no se puede saber: los intervalos son demasiado anchos. Con más imágenes de prueba se estrechan.
curve-ended = La curva se ha parado antes de tiempo y todavía no dice nada.

# Las épocas, una a una
scrubber-label = Mira una época:
scrubber-note = Muévelo y verás qué imágenes de validación falló esa época. Las de prueba se usan una sola vez, al final.
scrubber-shown = { $epoch } de { $epochs }, exactitud de validación { $accuracy }
scrubber-wrong = { $wrong ->
    [0] Acertó las { $of } imágenes de validación.
    [one] Falló una de las { $of } imágenes de validación.
   *[other] Falló { $shown } de las { $of } imágenes de validación.
}
scrubber-unknown = La página ya no sabe qué imágenes eran. Vuelve a entrenar con las imágenes en uso para verlas.
