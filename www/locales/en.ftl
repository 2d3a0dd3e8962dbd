# The page's texts in English. The same keys as es.ftl.

# Never broken at its hyphen.
-cifar = CIFAR{"\u2011"}10
-cifar100 = CIFAR{"\u2011"}100

page-title = bottleneck: transfer learning in your browser
skip-to-content = Skip to content
header-name = bottleneck
header-title = Teach your computer to see
header-promise = Show it pictures of a few things, and it learns to tell them apart. It all happens in this tab: your pictures never leave it.
language-label = Language / Idioma
language-es = Español
language-en = English
footer-text = Follows a classic transfer-learning notebook step by step: InceptionV3, { -cifar } and a convolutional head of two layers.

# Numbers and units; figures arrive already written.
percent = { $value }{"\u00A0"}%
megabytes = { $value }{"\u00A0"}MB
gigabytes = { $value }{"\u00A0"}GB
duration-seconds = { $seconds }{"\u00A0"}s
duration-minutes = { $minutes }{"\u00A0"}min { $seconds }{"\u00A0"}s
duration-hours = { $hours }{"\u00A0"}h { $minutes }{"\u00A0"}min
milliseconds = { $value }{"\u00A0"}ms
range = { $low } to { $high }

# A cell's state.
cell-waits = Waiting
cell-idle = Idle
cell-ready = Your turn
cell-busy = Running
cell-done = Done
cell-failed = Failed
wait-opening = One moment: the page is reading the network's description.
wait-closed = Not possible: no network is open. See the notice above.
wait-data = Choose images first, in cell 2.
wait-reading = One moment: the page is reading the images.
wait-counting = One moment: the page is checking which features are stored already.
wait-features = Compute all features first.
wait-nothing-missing = All features are stored already.
wait-extracting = One moment: the page is computing features. You can also cancel that.
wait-engine = One moment: the engine is starting.
wait-training = One moment: training is running. You can also stop it.
wait-head = Train a head first.
wait-classifying = One moment: the previous image comes first.
wait-cache-empty = Nothing is stored.
wait-settings = Correct the marked numbers first.
wait-takes = At least two classes need three takes each: one for training, one for validation, one for the test.
wait-exchange = One moment: the page is writing or reading a file. You can also cancel that.
wait-own-features = Not possible with features from files: the page does not know which network made them. Go back to this network's own features (cell 3).

# Views
view-home = Home
view-notebook = Notebook
view-project = Your own classes
door-teach = Teach your own classes
door-teach-about = With your camera or your photos
door-notebook = Follow the notebook
door-notebook-about = { -cifar }, step by step
door-open = Open
door-open-about = A project, a zip or folder of your images, { -cifar }. Or drop it anywhere on the page.
notebook-title = Follow the notebook
notebook-about = Each picture goes through a network that already knows how to look. Out comes a row of numbers, and the head learns from those alone.
notebook-run = Run all cells
notebook-running = Running, cell by cell
recent-title = Your projects
recent-in-memory = This browser stores nothing: what you make is gone when you close this tab. Export a project to keep it.
project-unknown = This project is not on this device
project-unknown-next = It may have been deleted, or made in another browser. Export it there, then open the file here.
project-opening = Opening the project.
project-open-again = Try again

# The device
device-title = This device
device-notebook = The first cell of the notebook says what computes here.
device-opening = One moment
device-closed = No neural network
device-workers = { $workers ->
    [one] { $shown } worker
   *[other] { $shown } workers
}
device-speed = { $speed } images/s

drop-not-now = These files cannot be opened right now.
drop-not-now-next = Drop them again in a moment; the technical detail says why.

# Without the internet
offline-label = Use without the internet
offline-progress-label = Saving for use without the internet
offline-unsupported = At this address the browser cannot save the page for use without the internet: it needs https with a certificate that it trusts.
offline-looking = Checking what is saved for use without the internet.
offline-site = Saving the page for use without the internet: { $missing } to go.
offline-missing = Without the internet this page opens, but the network is missing ({ $missing }). It is downloaded when it is first needed.
offline-backbone = Saving the network for use without the internet: { $missing } to go.
offline-ready = Everything is saved: this page also works without the internet.
offline-update = There is a new version of this page. Updating reloads it: what is stored is kept, what is running starts over.
offline-update-held = { $others ->
    [one] There is a new version of this page. Close the other tab that has this page open ({ $shown }), then press again.
   *[other] There is a new version of this page. Close the { $shown } other tabs that have this page open, then press again.
}
offline-failed = The page could not be saved for use without the internet. Check the connection and the free space on the disk. It tries again.
offline-keep = Save everything for use without the internet
offline-apply = Update the page

# 1. Engine
engine-title = Engine
engine-intro = The network has learnt from a great many photos. Here it stays as it is: it is the “eye” that turns each image into numbers.
engine-intro-more = The engine is the program that runs this network on your machine. It starts when it is first needed.
engine-choice-label = Engine to use
engine-choice-auto = automatic
engine-choice-cpu = CPU
engine-choice-webgpu = WebGPU
engine-choice-note = Changing it reloads the page; what has been computed is kept.
engine-name-cpu = the CPU
engine-name-webgpu = WebGPU
engine-opening = Reading the network's description.
engine-closed = No network is open.
engine-idle = Idle: not needed yet.
engine-downloading = Downloading the network: { $done } of { $total }.
engine-downloading-label = Downloading the network
engine-starting = Loading and checking the network on { $engine }.
engine-timing = Timing the network on { $engine }, to find the faster engine for this device.
engine-ready-cpu = { $workers ->
    [one] Ready on the CPU, with { $shown } worker.
   *[other] Ready on the CPU, with { $shown } workers.
}
engine-ready-webgpu = Ready on the graphics card, with WebGPU.
engine-failed = No engine could start.
engine-probe = Checked with a known input: the largest error is { $error } (up to 0.001 is allowed).
engine-backbone = { $name }: input of { $input }{"\u00A0"}×{"\u00A0"}{ $input } pixels, { $height }{"\u00A0"}×{"\u00A0"}{ $width }{"\u00A0"}×{"\u00A0"}{ $channels } features per image, { $size } to download.
engine-others = Other networks on this page; each has its own features:
engine-other = { $name }: { $size } to download, images of { $input }{"\u00A0"}×{"\u00A0"}{ $input }, licence { $licence }
engine-speed = On this device, on { $engine }: { $speed } images per second.
engine-speed-none = Speed on this device: not measured yet.
engine-source = Weights: { $source }. Licence: { $licence }.
reason-asked = This engine is used because you asked for it.
reason-faster = Your browser offers WebGPU on a graphics card. The page timed both engines on this device, and this one is faster.
reason-software-adapter = This browser's WebGPU runs on the CPU itself, and more slowly, so the CPU is used directly.
reason-no-web-gpu = This browser offers no WebGPU, so the CPU is used.
reason-silent-web-gpu = This browser offers WebGPU, but the graphics card does not answer, so the CPU is used.
reason-web-gpu-failed = WebGPU failed its check or did not start, so the CPU is used.
reason-cpu-failed = The CPU engine failed, so WebGPU is used.
chosen-notebook = The page opened with { $name }, the notebook's network.
chosen-brought = The page opened with { $name }: whoever runs this site chose it instead of the notebook's network.
chosen-development = The page opened with { $name }, because this site's InceptionV3 has weights that were trained for another task and would do poorly.
chosen-missing = The page opened with { $name }, because it could not load the notebook's network, InceptionV3.
chosen-kept = The page opened with { $name }, which is saved on this device, because the server does not answer.
chosen-none-real = The page opened with { $name }, because all networks on this site have weights that were trained for another task.
chosen-change = Use { $name } anyway ({ $size } to download)
development-title = Development weights
development-text = This network has the right shape, but weights for another task: it will do poorly. Whoever runs this site gets the real ones with:

# 2. Data
data-title = Data
data-intro = { -cifar } is 60,000 tiny photos in ten classes. Or bring images of your own. No file at hand? The built-in sample goes the whole way.
data-intro-more = Each photo of { -cifar } has 32{"\u00A0"}×{"\u00A0"}32 pixels; 50,000 are for training and 10,000 for the test. The page reads cifar-10-binary.tar.gz, cifar-10-python.tar.gz, single files from them, or Keras’ arrays as .npz or .npy.
data-drop = Choose { -cifar } or a zip of your own images, or drop it here
data-drop-hint = Zip or .tgz files with one folder of images per class, the { -cifar } archive, or arrays as .npz. Nothing is sent anywhere.
data-folder = Choose a folder of your own images, or drop it here
data-folder-hint = It holds one folder of images per class. Nothing is sent anywhere.
data-sample = Use the built-in sample
data-sample-note = Ten classes of shapes drawn by this program: they are not photos.
data-site = { $name } from this site, { $size }
data-site-unsized = { $name } from this site
data-site-note = It is downloaded only when you press this. Nothing is sent from here.
data-bringing = Downloading: { $done } of { $total }.
data-bringing-left = Downloading: { $done } of { $total }, { $time } left.
data-bringing-unsized = Downloading: { $done } so far.
data-reading = Reading: { $done } of { $total }.
data-preparing = Preparing the images.
data-reading-label = Reading the images
data-reading-pictures = { $pictures ->
    [one] { $shown } picture so far
   *[other] { $shown } pictures so far
}
data-cancel = Cancel
data-source-drawn = Sample drawn by this program
data-source-cifar = { -cifar }
data-source-folders = Your own folders
data-source-project = Your project
data-source-cifar100 = { -cifar100 }
data-source-arrays = Your own arrays
data-notices = What was left out, or is used differently from what the folders say
data-notice-names = { $names } and { $more } more
data-notice-damaged = { $count ->
    [one] { $shown } file is damaged and was left out: { $names }. To use it, copy it again from where it came.
   *[other] { $shown } files are damaged and were left out: { $names }. To use them, copy them again from where they came.
}
data-notice-no-picture = { $count ->
    [one] { $shown } file is named like a picture but is none, and was left out: { $names }. To use it, save it again as JPEG or PNG.
   *[other] { $shown } files are named like pictures but are none, and were left out: { $names }. To use them, save them again as JPEG or PNG.
}
data-notice-format = { $count ->
    [one] { $shown } { $format } picture was left out, because this page cannot read { $format }: { $names }. To use it, save it as JPEG or PNG.
   *[other] { $shown } { $format } pictures were left out, because this page cannot read { $format }: { $names }. To use them, save them as JPEG or PNG.
}
data-notice-web-page = { $count ->
    [one] { $shown } file is named like a picture but is a web page, and was left out: { $names }. To use it, download the picture itself.
   *[other] { $shown } files are named like pictures but are web pages, and were left out: { $names }. To use them, download the pictures themselves.
}
data-notice-empty = { $count ->
    [one] { $shown } file is empty and was left out: { $names }. To use it, copy it again from where it came.
   *[other] { $shown } files are empty and were left out: { $names }. To use them, copy them again from where they came.
}
data-notice-too-large = { $count ->
    [one] { $shown } picture takes more than { $limit }{"\u00A0"}MB to read and was left out: { $names }. Save it smaller, or as a JPEG without “progressive”.
   *[other] { $shown } pictures take more than { $limit }{"\u00A0"}MB each to read and were left out: { $names }. Save them smaller, or as JPEGs without “progressive”.
}
data-notice-password = { $count ->
    [one] { $shown } file is locked with a password and was left out: { $names }. To use it, make the zip again without a password.
   *[other] { $shown } files are locked with a password and were left out: { $names }. To use them, make the zip again without a password.
}
data-notice-packing = { $count ->
    [one] { $shown } file is packed in a way this page cannot read, and was left out: { $names }. Zip it again with the usual method (Deflate).
   *[other] { $shown } files are packed in a way this page cannot read, and were left out: { $names }. Zip them again with the usual method (Deflate).
}
data-notice-unreadable = { $count ->
    [one] The browser could not read { $shown } file: { $names }. Check that it was not moved or deleted, and choose everything again.
   *[other] The browser could not read { $shown } files: { $names }. Check that they were not moved or deleted, and choose everything again.
}
data-notice-nested = { $count ->
    [one] { $shown } archive inside the archive was not opened: { $names }. To use it, unpack it and choose it by itself.
   *[other] { $shown } archives inside the archive were not opened: { $names }. To use them, unpack them and choose them by themselves.
}
data-notice-other = { $count ->
    [one] { $shown } file is not a picture and was left out: { $names }.
   *[other] { $shown } files are not pictures and were left out: { $names }.
}
data-notice-no-class = { $count ->
    [one] { $shown } picture is in no class’s folder and is not used: { $names }. To use it, move it into its class’s folder.
   *[other] { $shown } pictures are in no class’s folder and are not used: { $names }. To use them, move each into its class’s folder.
}
data-notice-in-two-classes = { $count ->
    [one] { $shown } picture is in more than one class and is not used, because nobody can tell which is right: { $names }. Keep it in one folder.
   *[other] { $shown } pictures are in more than one class and are not used, because nobody can tell which is right: { $names }. Keep each in one folder.
}
data-notice-shared-pictures = { $count ->
    [one] { $shown } picture is in more than one class and is not used: { $names }. Delete it where it does not belong.
   *[other] { $shown } pictures are in more than one class and are not used: { $names }. Delete them where they do not belong.
}
data-notice-parts-together = { $count ->
    [one] { $shown } picture comes from a “train”, “valid” or “test” folder. A project takes all of them together and chooses the test pictures itself.
   *[other] { $shown } pictures come from “train”, “valid” or “test” folders. A project takes all of them together and chooses the test pictures itself.
}
data-notice-in-two-parts = { $count ->
    [one] { $shown } picture is both among the training pictures and among those that check what was learnt. Only the check keeps it: { $names }.
   *[other] { $shown } pictures are both among the training pictures and among those that check what was learnt. Only the check keeps them: { $names }.
}
data-notice-empty-class = { $count ->
    [one] { $shown } folder has no picture of its own to learn from, so it is not a class: { $names }. Put pictures into it to use it.
   *[other] { $shown } folders have no picture of their own to learn from, so they are not classes: { $names }. Put pictures into them to use them.
}
data-notice-too-few = { $count ->
    [one] { $shown } class has too few pictures to be learnt and tested: { $names } (how many / how many it needs). Add some.
   *[other] { $shown } classes have too few pictures to be learnt and tested: { $names } (how many / how many they need). Add some.
}
data-notice-not-examined = { $count ->
    [one] { $shown } class has no test picture: { $names }. It is learnt, but nobody can say how well: its row in the tables shows “–”.
   *[other] { $shown } classes have no test picture: { $names }. They are learnt, but nobody can say how well: their rows in the tables show “–”.
}
data-notice-alike-names = { $count ->
    [one] { $shown } name differs from another one only in capital letters: { $names }. Here they are different classes; if they should be one, rename a folder.
   *[other] { $shown } names differ from one another only in capital letters: { $names }. Here they are different classes; if they should be one, rename a folder.
}
data-notice-one-name = { $count ->
    [one] { $shown } class comes from folders whose names look the same but are stored in different ways: { $names }. They are one class.
   *[other] { $shown } classes come from folders whose names look the same but are stored in different ways: { $names }. They are one class each.
}
data-notice-no-test-part = { $count ->
    [one] There is no “test” folder with class folders: { $shown } picture, about one in five of each class, is kept for the test.
   *[other] There is no “test” folder with class folders: { $shown } pictures, about one in five of each class, are kept for the test.
}
data-notice-no-train-part = { $count ->
    [one] There is no “train” folder: all pictures are taken together, and { $shown } of them, about one in five, is kept for the test.
   *[other] There is no “train” folder: all pictures are taken together, and { $shown } of them, about one in five, are kept for the test.
}
data-summary = { $source }: { $train } training images and { $test } test images.
data-summary-limited = { $source }: { $train } of { $train-available } training images and { $test } of { $test-available } test images are used.
data-none = No images yet.
data-examples = An example of each class
data-notice-no-test-file = { $count ->
    [one] None of the files holds test images: { $shown } image, the last one, is kept for the test.
   *[other] None of the files holds test images: { $shown } images, the last ones, are kept for the test.
}
data-names = Rename the classes
limits-title = How many images?
limits-note = Fewer images take less time and teach less. Leave it empty to use all of them.
limit-train = Training images
limit-test = Test images
limit-all = all
field-invalid = Enter a whole number from { $low } to { $high }.
field-positive = Enter a number above 0.
field-share = Enter a number above 0 and below 1.
field-dropout = Enter a number from 0 to less than 1.

# 2b. Projects of one's own
project-default-name = My project
project-pictures = { $pictures ->
    [0] No pictures.
    [one] { $shown } picture.
   *[other] { $shown } pictures.
}
project-delete = Delete
project-delete-title = Delete the project "{ $name }"?
project-delete-text = Its { $shown } pictures and its trained head are deleted. This cannot be undone. To keep it, export it first.
project-delete-confirm = Yes, delete
keep = No, keep it
project-steps = Steps
step-classes = Classes
step-train = Train
step-try = Try it
project-many = Add many classes at once
project-delete-label = Delete the project { $name }
closer-title = Look closer
train-about = When each class has its pictures, press the button: the computer learns to tell them apart.
train-split = { $train } training pictures, and { $test } kept for the test.
training-plan = { $preset }, { $epochs ->
    [one] { $shown } epoch
   *[other] { $shown } epochs
}
try-about = Here it tells you what it sees, as soon as it has learnt.
class-menu = More about the class { $name }
record-open-label = Record: { $name }
record-close-label = Close the camera: { $name }
project-name = Name
project-other-tab = This project is open in another tab, too. Close one of them: what you change in one is not seen in the other.
project-undo = Undo
project-export = Export the project
project-adding = Reading pictures: { $done } of { $total }
project-writing = Writing the project: { $share }.
project-taking = Reading the project: { $share }.
project-light = Your own projects start with a lighter network, { $name }: a smaller download and far less work, for somewhat poorer features.
project-larger = Use { $name } instead ({ $size } to download)
project-folder = Add a folder with a folder for each class
project-folder-hint = Each folder's name becomes the name of a class. You can also drop folders on any class.
project-folders = Add zips with a folder for each class
project-folders-hint = Each folder's name becomes the name of a class. You can add several zips or .tgz files at once.
project-takes-what = What is a take?
project-takes-more = A take is a group of pictures that belong together: one press of the record button, or the frames of one file. Each single photo is a take. No take is split between training and test: the test would hold nearly the same pictures.
class-default-name = Class { $number }
class-add-name = Name of the new class
class-add = Add the class
class-name = Class
class-enabled = takes part
class-up = Move the class { $name } up
class-down = Move the class { $name } down
class-delete = Delete the class
class-delete-title = Delete the class "{ $name }"?
class-delete-text = Its { $shown } pictures are deleted too. You can undo this right afterwards.
class-delete-confirm = Yes, delete
class-takes-enough = { $shown } takes.
class-takes-few = { $shown } of { $fewest } takes.
class-files = Add photos
class-files-hint = JPEG, PNG, WebP, GIF or BMP, or a zip of them. You can also drop or paste them here.
class-pictures = Pictures of the class
class-picture = Picture { $number }
class-page = { $first } to { $last } of { $total }
class-earlier = Earlier pictures
class-later = Later pictures
class-selected = { $pictures ->
    [one] { $shown } selected
   *[other] { $shown } selected
}
class-delete-pictures = Delete
class-move-pictures = Move to
class-move-choose = choose a class

# The camera
camera-start = Start the camera
camera-stop = Stop the camera
camera-cancel = Cancel
camera-starting = Waiting for the camera. If the browser asks whether it may be used, allow it. If nothing happens, cancel and start it again.
camera-instead = The camera you chose before is not connected: this is another one. Connect it and start again, or go on with this one.
camera-preview = What the camera sees
camera-choice = Camera
camera-device = Camera { $number }
camera-mirror = mirror
camera-insecure = The browser does not let this page use a camera.
camera-insecure-next = Open the page by https, or on this very machine as http://127.0.0.1, in an up-to-date browser. Until then, add photos as files.
camera-refused = The page is not allowed to use the camera.
camera-refused-next = Allow it for this page, usually with the camera symbol in the address bar, and start it again. Its pictures stay here.
camera-none = No camera was found.
camera-none-next = Plug one in, or switch it on, and start again. Without a camera, add photos as files.
camera-busy = The camera sends no pictures.
camera-busy-next = Another program or tab may be using it: close that and start again.
camera-gone = The camera is gone.
camera-gone-next = It was unplugged, switched off or blocked while it ran. Connect it and start it again; what you recorded is kept.
record-open = Record
record-close = Close the camera
record-title = Recorder for { $name }
record-hold = Hold to record
record-running = Recording
record-shot = Take one picture
record-more = More about recording
record-rate = Pictures per second
record-count = { $pictures ->
    [one] { $shown } picture in this recording.
   *[other] { $shown } pictures in this recording.
}
record-note-more = Hold the button with the mouse, a finger, the space bar or the Enter key. Each press is a take: let go, change something such as place, distance or light, and press again.

# 3. Features
features-title = Bottleneck features
features-intro = Each image goes through the network once. What comes out before its last layer are the features: a summary of what it sees.
features-intro-more = They are called bottleneck features because everything has to pass through them. This browser stores them, so next time nothing has to be computed. Each image is enlarged first.
extract-start = Compute the features
extract-continue = Compute the missing ones
extract-pause = Pause
extract-resume = Resume
extract-cancel = Cancel
extract-label = Computing the features
extract-progress = { $done } of { $total } images
extract-speed = { $speed } images per second
extract-left = { $time } left
extract-starting = the engine is starting
extract-incomplete = { $missing } images are missing.
extract-paused = Paused.
extract-disk-full = Paused: the disk is full. Nothing stored is lost; free some space and press “Resume”.
extract-complete = Complete: nothing is left to compute.
extract-computed = { $computed ->
    [0] No image had to be computed on this visit.
    [one] { $shown } image was computed on this visit.
   *[other] { $shown } images were computed on this visit.
}
cache-size = { $images ->
    [0] Stored in this browser: nothing.
    [one] Stored in this browser: the features of { $shown } image, { $size }.
   *[other] Stored in this browser: the features of { $shown } images, { $size }.
}
cache-size-tab = { $images ->
    [0] Kept in this tab: nothing.
    [one] Kept in this tab, until it is closed: the features of { $shown } image, { $size }.
   *[other] Kept in this tab, until it is closed: the features of { $shown } images, { $size }.
}
cache-unknown = Checking what this browser has stored.
cache-clear = Clear the stored features
cache-clear-title = Clear the stored features?
cache-clear-text = The features of all images ({ $size }) will be deleted and will have to be computed again. The trained head is kept.
cache-clear-confirm = Yes, clear
cache-clear-keep = No, keep
unused-remove = Remove unused features
unused-title = Remove the unused features?
unused-text = { $size } will be deleted. If you use those images again, CIFAR-10 for instance, their features have to be computed again.
exchange-title = To and from the notebook: features as .npz files
exchange-intro = The notebook keeps its features in two files, one for training and one for the test. This page writes and reads the same files.
exchange-intro-more = They are in the order of the images in use. A head that learns from the notebook's features is kept apart from this network's own.
exchange-save-train = Save the training features
exchange-save-test = Save the test features
exchange-import = Use a notebook's features
exchange-import-hint = Both .npz files at once, made from the images in cell 2 in the same order: the labels come from there.
exchange-writing = Writing the features: { $share }.
exchange-reading = Reading the features: { $share }.
exchange-label = Progress with the file
exchange-cancel = Cancel
foreign-text = Features from files are in use. They, and the head that learns from them, are kept apart from this network's own.
foreign-leave = Back to this network's own features

# 4. Training
training-title = Training
training-intro = A small head learns from the features and gives a probability for each class. There are several heads to choose from.
training-intro-more = The last fifth of the training images is not learnt from but used for validation; at the end, the epoch with the lowest validation loss is kept.
epochs-label = Epochs
epochs-note = Passes over all training images. The notebook uses 50.
seed-label = Seed
seed-note = The same seed gives the same random choices, and exactly the same result.
preset-label = Which head
preset-notebook = The notebook's
preset-notebook-note = A convolution of 100 filters, an average and an output layer, as in the original notebook.
preset-quick = Quick
preset-quick-note = The average of the features and a single layer: seconds instead of minutes, and nearly as good.
preset-strong = Strong
preset-strong-note = A convolution of 256 filters between normalization and dropout: the most accurate and the slowest.
preset-nearest = Nearest neighbours
preset-nearest-note = It does not train: the five most similar images vote. Instant, and useful with very few images.
settings-title = More settings
settings-intro = Choosing a head sets the values that suit it.
batch-label = Images per step
batch-note = How many images each training step uses together (the batch).
learning-rate-label = Learning rate
learning-rate-note = How large each step is. Too large, and training goes wrong; too small, and it gets nowhere.
validation-share-label = Share for validation
validation-share-note = This share of the training images, the last ones, only serves to choose the best epoch. 0.2 is a fifth.
validation-share-takes = In a project the takes decide: one take of each class is for validation.
dropout-map-label = Dropout at the convolution
dropout-map-note = The share of the values that is switched off at random while learning, so that the head depends on none of them.
dropout-pooled-label = Dropout after the average
dropout-pooled-note = The same, before the output layer.
early-stopping-label = Stop when it no longer improves
patience-label = Patience
patience-note = How many epochs in a row may bring no lower validation loss before it stops.
train-start = Train
train-again = Train again
train-go-on = Continue after epoch { $done } of { $all }
train-stop = Stop and keep the best
training-loads = Reading the stored features: { $done } of { $total }.
training-loads-unknown = Reading the stored features.
training-loads-label = Reading the features
training-epoch = Epoch { $epoch } of { $epochs }
training-epoch-label = Progress of the epoch
training-exam-label = Progress of the test
training-best = Best epoch so far: { $epoch } (validation loss { $loss }).
training-measuring = Training is over; measuring the accuracy on the test images.
training-remembered = { $images ->
    [one] One image remembered: there is nothing more to learn.
   *[other] { $shown } images remembered: there is nothing more to learn.
}
training-done = { $epochs ->
    [one] { $shown } epoch trained; epoch { $best } is kept.
   *[other] { $shown } epochs trained; epoch { $best } is kept.
}
epochs-table = Epochs of the training
epochs-epoch = Epoch
epochs-loss = Loss
epochs-accuracy = Accuracy
epochs-val-loss = Val. loss
epochs-val-accuracy = Val. accuracy
epochs-seconds = Time
epochs-best = best

# 5. Result
result-title = Result
result-intro = The test: the head classifies images it has never seen, neither for training nor for choosing the best epoch.
result-accuracy-label = Test accuracy
result-correct = { $correct } of { $test } images right, with epoch { $best }.
result-correct-nearest = { $correct } of { $test } images right.
result-interval = 95{"\u00A0"}% confidence interval (Wilson): { $interval }.
result-notebook-label = The original notebook
result-fair = A fair comparison: the same data and the same kind of network.
result-unfair = Not a fair comparison, because here these differ:
differs-drawn = the data: drawn shapes instead of { -cifar }'s photos
differs-own = the data: your own images instead of { -cifar }
differs-data = the data: not { -cifar }'s images
differs-images = the number of images: { $train } for training and { $test } for the test, instead of 50,000 and 10,000
differs-development = the network: development weights, which do poorly
differs-network = the network: not InceptionV3 with Keras' weights
differs-settings = the head or its settings: not the notebook's
differs-features = the features: from files, not from this network
result-restored = This head was trained on an earlier visit and stored.
result-source = It learnt from: { $source }.
chart-loss = Loss per epoch
chart-loss-description = Training loss: from { $first } to { $last }. Validation loss: { $best } in the best epoch, { $epoch }.
chart-accuracy = Accuracy per epoch
chart-accuracy-description = Training accuracy: from { $first } to { $last }. Validation accuracy: { $best } in the best epoch, { $epoch }.
chart-train = training
chart-validation = validation
chart-best = best epoch: { $epoch }
result-preset = Head: { $preset }.
result-foreign = It learnt from features that came from files. It cannot classify pictures: the page does not know which network made those features.
python-title = Take it to Python
python-intro = The trained head as a file, in the form that suits you, each with a program that loads it and classifies.
python-classifier = The whole classifier
python-classifier-note = Network and head in one ONNX file of about { $size }: a picture goes in, probabilities come out.
python-onnx = The head, for ONNX Runtime
python-onnx-note = Features go in, probabilities come out. Cell 3 gives the features as files.
python-safetensors = The head, for NumPy
python-safetensors-note = All its numbers as safetensors; its program computes with NumPy alone.
python-keras = The head, for Keras
python-keras-note = Its weights for Keras 3; its program builds the same model and loads them.
python-save = Save { $file }
python-program = Its program, { $file }
python-copy = Copy
python-copied = Copied
python-making = Making the file.
python-downloading = Downloading the network for the file.
python-no-classifier = A whole classifier is not possible: the page does not know which network made the features from files.
python-no-keras = Weights for Keras are not possible: Keras has no layer that votes as nearest neighbours do.

before-title = Before and after
before-before = Before
before-now = Now
before-interval = 95{"\u00A0"}% interval
before-images = Images right
before-of = { $correct } of { $test }
before-head = Head

# What the test showed.
exam-title = Look closer: what was taken for what
exam-right = { $label }, recognised
exam-wrong = { $label }, taken for { $answer }
exam-confusion = Confusion matrix
exam-confusion-intro = Each row is what the images are, each column what the head said. On the diagonal it is right.
exam-confusion-hint = Press a number to see its images.
exam-confusion-restored = To see the images behind a number, train again on this visit.
exam-corner = is ↓ taken for →
exam-classes = Class by class
exam-classes-intro = Precision: how many answers of this class were right. Recall: how many images of this class were recognised.
exam-classes-intro-more = F1 is the harmonic mean of both: it is high only where both are.
exam-class = Class
exam-precision = Precision
exam-recall = Recall
exam-f1 = F1
exam-support = Images
exam-mistakes = Most confident mistakes
exam-mistakes-intro = The wrong answers that the head was most sure of. Sometimes it is the label that is wrong.
exam-no-mistakes = Not a single mistake in the test.
relabel = It is really
relabel-done = { $count ->
    [one] { $shown } label corrected. It counts from the next training on.
   *[other] { $shown } labels corrected. They count from the next training on.
}
relabel-train = Train again and compare
exam-reliability = Is it right as often as it claims?
exam-reliability-intro = The answers, grouped by confidence. Bars below the line: the head promises more than it keeps.
exam-reliability-error = On average, confidence and accuracy are { $error } apart (expected calibration error).
exam-confidence = Confidence
exam-accuracy = Right

leaky-title = And if the test cheated?
leaky-intro = Many tools split picture by picture, so nearly the same picture is in training and test. See what accuracy that would have claimed here.
leaky-intro-more = The pictures are the same as before. The head of this experiment is discarded.
leaky-start = Try the cheating split
leaky-result = The cheating split would have claimed { $claim }; the honest one, { $honest }.

# 6. Try it
classify-title = Try it
classify-intro = Give it one of your images, and it says what it sees. When it cannot know, it says so.
classify-intro-more = The network shrinks the image to a small square and computes its features; the head spreads the probability over the classes it knows. It gives no answer where it is not sure enough, or where the image is unlike anything it has learnt.
classify-drop = Choose an image or drop it here
classify-drop-hint = JPEG, PNG, WebP, GIF or BMP. You can also paste one.
classify-waiting = Looking at { $name }.
classify-seen = What the network sees
classify-answer = { $class }, { $probability }
classify-time = { $name }: { $time } from the file to the answer.
classify-bars = Probability of each class
classify-unknown = I don’t know
classify-unsure = Its best guess is { $class } with { $probability }, and it answers from { $threshold } up.
classify-unfamiliar = The image is unlike anything it has learnt: its distance is { $distance }, and the limit is { $limit }. It would have said { $class }, { $probability }.

doubt-title = When it says “I don’t know”
doubt-intro = An answer nobody can rely on is worse than none. The validation images set both limits, and you can move them.
doubt-intro-more = From that probability up, nine of ten answers to the validation images were right, as far as that can be reached. All but one in a hundred of these images lie within that distance.
doubt-confidence = Answers from this probability up:
doubt-confidence-note = At 0{"\u00A0"}% it always answers.
doubt-distance = Knows images up to this distance:
doubt-distance-note = 0 is an image it has learnt from; the larger, the less alike (1 minus the cosine between the features).
doubt-tally = It answers { $answered } of the test images, and { $right } of those answers are right. If it answered all, { $all } would be right.
doubt-nothing = With these limits it would answer none of the test images.
doubt-reset = Back to the limits from validation

why-title = Why? Where the answer comes from
why-intro = Every place in the image adds its share to each class’s score: what speaks for the class and what speaks against it.
why-intro-more = This is not an estimate. It is the very sum that the head computes from the features.
why-class = Contributions to
why-map = The image with the contributions of its places
why-for = speaks for it
why-against = speaks against it
why-table = Contribution of each place
why-sum = { $places } places add up to { $sum }; every image gets { $bias }; together that is { $total }. The class’s score is { $score }.
why-neighbours = This head asks the nearest neighbours, which compare whole images: there are no places to show.

live-title = Classify with the camera
live-start = Classify with the camera
live-freeze = Freeze (F)
live-frozen = The frozen picture
live-rate = { $rate } images per second.
live-stages = For each: preparing { $prepare }, network { $features }, head { $head }.
live-send = Add this picture to:
live-sent = Added to { $class }.

# Notices
error-label = Notice
error-file = File: { $file }
error-detail = Technical detail
error-dismiss = Dismiss the notice
paste-nowhere = The pasted image has nowhere to go yet.
paste-nowhere-next = Click on a class of your project first, to add it there; or train a head, to classify it.
paste-not-now = The pasted image cannot be used right now.
paste-not-now-next = Paste it again in a moment; the technical detail says what the page is waiting for.
problem-backbone = The network's description is missing or damaged.
problem-backbone-next = Check that it is on the server and reload the page; “cargo xtask model” makes it.
problem-server-silent = The server does not answer.
problem-server-silent-next = Check the connection and try again; if there is no button, reload the page.
problem-download = The network was not downloaded completely.
problem-download-next = Check the connection and try again: the download continues where it stopped.
problem-not-kept = The network could not be saved completely for use without the internet.
problem-not-kept-next = Check the connection and the free space on the disk, and press the button again: it continues where it stopped.
problem-engine = No engine could run the network on this machine.
problem-engine-next = Close other tabs to free memory and try again, or choose the other engine.
problem-site-data = The site's images were not downloaded completely.
problem-site-data-next = Check the connection and press the button again. What was in use is still in use.
problem-not-a-dataset = This file or folder holds no images to learn from.
problem-not-a-dataset-next = Choose a zip or a folder with one folder of images per class. Meanwhile you can use the built-in sample.
problem-not-a-dataset-next-more = cifar-10-binary.tar.gz, cifar-10-python.tar.gz and single files from them also work, and so do Keras’ arrays as .npz or .npy. A notebook's features go into cell 3.
problem-classes = The folders in this zip do not make between 2 and 100 classes.
problem-classes-next = Put the images of each class into a folder named after it, at least two folders, and zip them again.
problem-damaged-dataset = The file of images is damaged or incomplete.
problem-damaged-dataset-next = Download it again and choose it once more.
problem-cut-download = The end of the file is missing: the download was cut short.
problem-cut-download-next = Download it again completely, and choose it once more. Nothing was changed.
problem-foreign-archive = This is a file of the kind { $found }, not a zip.
problem-foreign-archive-next = Unpack it, and zip the folders of images as an ordinary .zip.
problem-web-page-file = This file is a web page, not an archive: the server sent it instead.
problem-web-page-file-next = Open the address in the browser, sign in or confirm if it asks you to, download the archive itself, and choose that.
problem-locked-archive = All images in this archive are locked with a password.
problem-locked-archive-next = Make the zip again without a password, and choose it once more.
problem-strange-packing = This archive is packed in a way this page cannot read.
problem-strange-packing-next = Unpack it, zip the folders again with the usual method (Deflate), in one piece, and choose that.
problem-no-class-folders = There are images, but no folders that say which class each is in.
problem-no-class-folders-next = Make one folder per class with its images inside, and choose the folder that holds them all, or zip them together.
problem-no-class-folders-next-more = For example “cats/1.jpg” and “dogs/1.jpg”. You can add images of a single class to a class of your own project.
problem-too-few-pictures = There are too few images to learn from: { $found }.
problem-too-few-pictures-next = At least two classes need three different images each: one for training, one for validation, one for the test.
problem-none-read = None of these images could be read: { $found }.
problem-none-read-next = Save them as JPEG or PNG, copy damaged ones again, and choose them once more.
problem-same-pictures = The same pictures are in several classes. Classes with no picture of their own: { $found }.
problem-same-pictures-next = Put only the pictures of a class into its folder. At least two classes need three pictures of their own.
problem-mixed-files = These files are of different kinds and do not make one dataset.
problem-mixed-files-next = Choose one kind at a time: zips and folders of images, { -cifar }’s files, or arrays as .npz.
problem-unpacks-too-far = This file unpacks to far more than its own size.
problem-unpacks-too-far-next = Unpack it first and choose what comes out: the folder of pictures, the batches, or all .npy files together.
problem-no-array = Among these arrays there are no pictures with labels: { $found }.
problem-no-array-next = Name the pictures x_train and their labels y_train; x_test and y_test are optional. Save them like that, and choose them again.
problem-no-array-next-more = In Python: np.savez("mine.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test). Or choose all their .npy files together. A notebook's features go into cell 3.
problem-array-shape = This array has the wrong shape or type: { $found }.
problem-array-shape-next = Pictures are images × height × width × 3; labels are one whole number each. Change it in Python and save it again.
problem-array-shape-next-more = Grey pictures may lack the 3, and a label may be a row with a single 1.
problem-array-objects = This array holds Python objects instead of numbers: { $found }.
problem-array-objects-next = The page runs nothing from a file, so it does not open these. Save plain numbers and choose the file again.
problem-array-objects-next-more = For example y_train.astype("int64").
problem-array-values = This array holds numbers that are not brightness values: { $found }.
problem-array-values-next = Use whole numbers from 0 to 255, or those divided by 255. Save the pictures as they were before normalization.
problem-array-values-next-more = If they go from 0 to 1, save them as (x * 255).round().astype("uint8").
problem-array-counts = There are not as many labels as pictures: { $found }.
problem-array-counts-next = Each picture has one label, in the same order. Correct it in Python and save both arrays again.
problem-label-classes = A dataset has between 2 and 100 classes, but the labels make { $found }.
problem-label-classes-next = All pictures of a class have the same number as their label. Correct the labels in Python and save them again.
problem-which-batch = The page cannot tell which of these files holds the test images: { $found }.
problem-which-batch-next = Give them back their own names, data_batch_1.bin to data_batch_5.bin and test_batch.bin, and choose them again.
problem-same-batch = These two files are the same part of the dataset: { $found }.
problem-same-batch-next = They hold the same images or have the same name. Leave one out and choose the others again.
problem-mixed-sets = One of these files is from { -cifar } and the other from { -cifar100 }: { $found }.
problem-mixed-sets-next = Choose the files of just one of the two.
problem-empty-file = The file is empty.
problem-empty-file-next = Choose another one; perhaps a download was cut short.
problem-unreadable-file = The browser could not read the file to its end.
problem-unreadable-file-next = Check that it was not moved or deleted, and choose it again.
problem-picture-gone = A picture of this data can no longer be read: its file was moved, changed or unplugged.
problem-picture-gone-next = Plug it in again or put it back, and choose the file again. What has been computed is kept.
problem-not-an-image = This file is not an image.
problem-not-an-image-next = Choose a JPEG, PNG, WebP, GIF or BMP.
problem-image-format = { $format ->
    [HTML] This file is a web page, not an image.
    [PDF] This file is a PDF, not an image.
    [MP4] This file is a video, not an image.
    [TXT] This file is text, not an image.
   *[other] This image is in the format { $format }, which this page cannot read.
}
problem-image-format-next = { $format ->
    [HTML] Open it, save the image itself (right click, “Save image”), and choose that file.
    [PDF] Save the image that is in it as JPEG or PNG, and choose that file.
    [MP4] Pause it at the moment you want, take a screenshot, and choose that.
    [TXT] Choose a JPEG, PNG, WebP, GIF or BMP.
    [HEIC] Open it and save it as JPEG. An iPhone takes JPEG photos once Settings > Camera > Formats says “Most Compatible”.
    [RAW] Save it as JPEG with the camera’s program, or set the camera to JPEG.
    [SVG] It is a drawing without pixels: export it as PNG, and choose that file.
   *[other] Open it in a program that shows it, save it as JPEG or PNG, and choose that file.
}
problem-image-cut = This image is cut short: the file ends before the image does.
problem-image-cut-next = Copy or download it again and choose it once more. Half an image is never used.
problem-image-damaged = This image is damaged, or saved in a way this page cannot read.
problem-image-damaged-next = Open it in a program that shows it, save it again as JPEG or PNG, and choose that file.
problem-image-too-large = The image is too large: its { $size } pixels take { $megabytes }{"\u00A0"}MB to read, and the limit is { $limit }{"\u00A0"}MB.
problem-image-too-large-next = Make it smaller, or save it as a JPEG without “progressive”: those may have up to { $pixels } megapixels.
problem-image-file-too-large = This file is too large for an image.
problem-image-file-too-large-next = An image file may have up to { $limit }{"\u00A0"}MB: save it as JPEG, or smaller, and choose that file.
problem-pictures-small = This network sees { $size }{"\u00A0"}×{"\u00A0"}{ $size } pixels. An earlier version of the page kept pictures of this project ({ $count }) at 224{"\u00A0"}×{"\u00A0"}224.
problem-pictures-small-next = It works as it is. To show the network more, add the original photos again and delete the old ones.
problem-too-few-images = There are too few images to train with.
problem-too-few-images-next = Raise the limits on how many images are used, or choose more files.
problem-features-missing = The features of some images are missing.
problem-features-missing-next = Compute the missing ones and train again.
problem-no-head = No head is trained yet.
problem-no-head-next = Train one first.
problem-no-exam = The images behind this number are not available.
problem-no-exam-next = Train again with these images in use, then press the number.
problem-exam-changed = This test image is no longer in use.
problem-exam-changed-next = Use the same images again, train, and then correct the label.
problem-out-of-memory = This does not fit in the memory that the page may use.
problem-out-of-memory-next = Use fewer images, or close other tabs.
problem-disk-full = The disk is full, or this page has used up its share of it.
problem-disk-full-next = Nothing stored is lost: free some space and continue, or clear the stored features.
problem-too-little-room = The features of these images do not fit in the space that the browser gives this page.
problem-too-little-room-next = Free some space on the disk, clear the stored features, or use fewer images. Then compute them again.
problem-store-unavailable = This browser cannot store anything: what you do here lasts as long as this tab is open.
problem-store-unavailable-next = Export what you want to keep. Or open the page in an ordinary window, not a private one.
problem-store-unavailable-next-more = To make it store things, also allow this page to store site data, and close its other tabs.
problem-store-lost = The browser has closed this page's storage and does not open it again.
problem-store-lost-next = Reload the page. What was stored is kept, unless this site's data was cleared.
problem-store-taken = A newer version of this page is open in another tab.
problem-store-taken-next = Reload this tab; what is stored is kept.
problem-store-damaged = Something stored was damaged and has been dropped.
problem-store-damaged-next = Compute what is missing; if it was the head, train it again.
problem-store-mended = Something stored was damaged; the page is computing it again.
problem-store-mended-next = There is nothing to do: what was running continues afterwards.
problem-team-lost = The workers that train stopped again and again.
problem-team-lost-next = Close other tabs to free memory, and train again: it continues after the last epoch that was kept.
problem-feature-arrays = These files do not hold a notebook's features.
problem-feature-arrays-next = Choose both .npz files together, as numpy.savez writes them. Nothing was changed.
problem-feature-arrays-next-more = One has the array “atributos”, the other “atributos_prueba”.
problem-feature-shape = The features in this file do not have this network's shape or type.
problem-feature-shape-next = They need the shape that cell 1 shows. Open the network they belong to, or save them again. Nothing was changed.
problem-feature-shape-next-more = They are images × height × width × channels, of float16, float32 or float64.
problem-feature-count = This file does not hold as many features as there are images in use.
problem-feature-count-next = In cell 2, choose exactly the images that they were computed from. Nothing was changed.
problem-feature-count-next-more = A project cannot use features from files.
problem-feature-damaged = The file of features is damaged, or holds something that is not a number.
problem-feature-damaged-next = Save it again where it was made, and choose the new file. Nothing was changed.
problem-feature-foreign = This is not possible with features from files: the page does not know which network made them.
problem-feature-foreign-next = Go back to the network's own features in cell 3, and train on those.
problem-not-exported = The file could not be made.
problem-not-exported-next = Train the head again, or reload the page, and try once more.
problem-project-name = This name cannot be used: it is empty, too long, or another class has it.
problem-project-name-next = Choose another one of up to 60 letters.
problem-project-full = The project is full.
problem-project-full-next = It holds up to 100 classes and 50,000 pictures: delete some, or start another project.
problem-adding-ended = You stopped adding pictures: { $count } of { $total } are in the project.
problem-adding-ended-next = “Undo” removes them. To get the rest, add the missing files.
problem-project-changed = The project was changed elsewhere, perhaps in another tab.
problem-project-changed-next = Reload the page, and make the change once more.
problem-project-foreign = This file is not a project that this page can open.
problem-project-foreign-next = Choose a .zip from “Export the project”. If a newer page made it, update this page. Nothing was changed.
problem-project-damaged = The project's file is damaged or incomplete.
problem-project-damaged-next = Export it again where it was made, and choose the new file. Nothing was changed.
problem-too-few-takes = There are too few takes for an honest test.
problem-too-few-takes-next = Record each class at least three times, letting go of the button in between, or add more photos. You need at least two classes.
problem-setting = A setting of the training is out of range.
problem-setting-next = Check the settings of the training.
problem-diverged = Training went wrong: the loss is no longer a number.
problem-diverged-next = Try another seed or more images.
diverged = With a learning rate of { $rate } the training went wrong: the loss is no longer a number.
diverged-next = Smaller steps usually help. The best epoch before that is kept, if there was one.
diverged-again = Train with { $rate }
problem-session-lost = The part of the page that computes has stopped.
problem-session-lost-next = Reload the page: the features stored so far are kept.
problem-other-build = The page has been renewed since you opened it, and its old and new parts do not work together.
problem-other-build-next = Reload the page: everything that is stored is kept.
query-backbone = The network's address in the link is not allowed.
query-backbone-next = “backbone” must be a path on this site, such as models/inception_v3.json. Correct the link or remove it.
query-engine = The engine in the link does not exist.
query-engine-next = “engine” can be auto, cpu or webgpu. The page uses auto.
query-number = A limit in the link is not a valid number.
query-number-next = “train”, “test” and “workers” must be whole numbers from 1 up. The page ignores it.

# What is read aloud
live-reading = Reading the images.
live-data = The images are ready.
live-extracting = Computing features: { $percent } done.
live-paused = Computing features: paused.
live-extracted = All features are stored.
live-training = Training, { $epoch } epochs done.
live-training-started = Training has started.
live-result = Test accuracy: { $accuracy }.
live-classified = It is { $class }, with probability { $probability }.
live-unsure = I don’t know. My best guess is { $class }, with probability { $probability }.
live-unfamiliar = I don’t know: the image is unlike anything I have learnt.

# Names of the classes
class-airplane = airplane
class-automobile = automobile
class-bird = bird
class-cat = cat
class-deer = deer
class-dog = dog
class-frog = frog
class-horse = horse
class-ship = ship
class-truck = truck
class-circle = circle
class-triangle = triangle
class-square = square
class-star = star
class-cross = cross
class-ring = ring
class-stripes = stripes
class-checkerboard = checkerboard
class-dots = dots
class-crescent = crescent

# The map of the features

map-title = What the network sees
map-intro = Each point is an image. Images that look alike to the network lie close together.
map-draw = Draw the map
map-draw-again = Draw the map again
map-reading = Reading the features
map-moving = Moving similar images together
map-stop = Stop
map-method = Placed by
map-method-tsne = similarity (t-SNE)
map-method-pca = largest differences (PCA)
map-sample = { $shown } of { $all } images, drawn at random.
map-explained = These two directions hold { $share } of all differences between the images.
map-label = { $count ->
    [one] Map of one image
   *[other] Map of { $shown } images
}
map-keys = Drag to move. Arrow keys go from image to image, + and − zoom, 0 shows everything.
map-zoom-in = Zoom in
map-zoom-out = Zoom out
map-whole = Show the whole map
map-choose = Press a point to see its image and the most similar ones.
map-is-training = training image
map-is-test = test image
map-taken-for = Taken for: { $answer }
map-taken-right = Recognised correctly
map-neighbours = Most similar
map-classes = Classes
map-training = training image
map-test = test image
map-mistake = a mistake
map-table = The map in numbers
map-table-caption = For each class: which classes its images’ ten nearest neighbours in the map are of.
map-table-images = Images
map-table-own = Same class
map-table-other = Most of the others
problem-no-map = The map cannot be drawn: some features are not usable numbers.
problem-no-map-next = Clear the stored features, compute them again and draw the map.

# The device's panel and the check of the device
device-asks-update = New version
device-asks-failed = Not saved
device-asks-network = Downloading the network
storage-features = The features take { $size }.
storage-unused = Of these, { $size } belong to no project and to nothing that is open.
storage-room = There is room for { $room } more.
storage-lasting = The browser keeps what is stored.
storage-passing = The browser may clear it when the disk is full.
storage-tab = Everything is gone when you close this tab.
check-title = Is this device ready?
check-about = The check takes about ten seconds. Nothing is sent anywhere.
check-about-network = The check takes about ten seconds. First it downloads what is missing of the network: { $missing }.
check-start = Check this device
check-again = Check again
check-stop = Stop the check
check-skip = Skip
check-skip-label = Skip: { $part }
check-ask-camera = Try the camera
check-save = Save as a text file
check-what = What
check-result = Result
check-means = What it means
check-summary = The check is over. Good: { $good } of { $all }. Not working: { $bad }.
check-report = bottleneck: check of this device
check-date = Date
check-version = Version of the page
check-browser = Browser
check-part-cpu = Processor (CPU)
check-part-webgpu = Graphics card (WebGPU)
check-part-camera = Camera
check-part-storage = Storage
check-part-persistence = Lasting storage
check-part-offline = Without the internet
check-part-threads = Cores and memory
check-good = Good
check-fair = With limits
check-bad = Not working
check-spare = Not needed
check-untried = Not tried
check-silent = No answer
check-running = Checking
check-moment = One moment.
check-moment-next = It ends by itself.
check-skipped = This was skipped.
check-skipped-next = Check again to know.
check-busy = The page is computing.
check-busy-next = Check again when it is done.
check-no-network = The network is not downloaded yet: { $missing } to go.
check-no-network-next = Save everything with the button above, then check again.
check-no-answer = No answer in { $time }.
check-no-answer-next = Check again. If nothing changes, restart the browser.
check-speed = { $speed } images per second, with the right results.
check-speed-good = 100 pictures take about { $time }.
check-speed-slow = 100 pictures take about { $time }: use few, and the lighter network.
check-no-adapter = The browser offers none.
check-silent-adapter = The browser offers one, but it does not answer.
check-software-adapter = The processor only imitates one, slowly.
check-cpu-instead = Nothing to do: the processor does the work.
check-failed = It does not start, or gives wrong results ({ $cause }).
check-failed-next = Close other tabs and check again, or update the browser.
check-camera = It sends pictures.
check-camera-next = Ready to record.
check-cameras = { $cameras ->
    [one] { $shown } camera, not tried: the browser asks first.
   *[other] { $shown } cameras, not tried: the browser asks first.
}
check-cameras-next = Press “Try the camera” and allow it.
check-storage-refused = Nothing can be stored here.
check-storage-refused-next = Use an ordinary window, not a private one, or export before you close it.
check-storage-unsized = It stores and reads back. The browser does not say how much fits.
check-storage-room = It stores and reads back. There is room for { $room } more.
check-storage-good = Enough for everybody’s projects.
check-storage-little = Enough for small projects. Make room on the disk for more.
check-storage-none = Too little for a project: make room on the disk.
check-lasting = The browser keeps what is stored.
check-lasting-next = Nothing to do.
check-lasting-unknown = The browser does not say.
check-passing = The browser may clear it when the disk is full.
check-passing-next = Export the projects at the end of the lesson.
check-offline = The page and the network are saved.
check-offline-next = The lesson works without the internet.
check-offline-network = The page is saved; { $missing } of the network are missing.
check-offline-network-next = Save everything with the button above, before the lesson.
check-offline-site = The page is not completely saved yet.
check-offline-site-next = Wait a moment and check again.
check-offline-unsupported = The browser cannot save the page from this address.
check-offline-unsupported-next = The lesson needs the server. Only https can change that.
check-threads = { $memory ->
    [0] { $cores } cores that share memory. The browser does not say how much.
   *[other] { $cores } cores that share memory, { $memory }{"\u00A0"}GB or more.
}
check-threads-apart = { $memory ->
    [0] { $cores } cores that cannot share memory. The browser does not say how much there is.
   *[other] { $cores } cores that cannot share memory, { $memory }{"\u00A0"}GB or more.
}
check-threads-next = They share the training.
check-threads-few = Training takes longer: prefer the quick head.
check-threads-apart-next = Training takes more memory. Open the page by https, or on the server's own machine.

# What has come of a cell, in a line
line-engine = { $name } on { $engine }
line-engine-starts = { $name } is starting on { $engine }
line-data = { $train } training and { $test } test images
line-features = Features of { $done } of { $total } images

# The field's words, and what goes beyond the first sentences
more = More
glossary-title = Glossary
glossary-close = Close
terms-new = New words:
term-class = class
term-class-about = What an image can be, such as cat or dog. The head chooses among the classes.
term-label = label
term-label-about = The class that people say an image is of. The head learns from labels; a wrong one teaches something wrong.
term-take = take
term-take-about = Pictures that belong together, such as those of one recording. They are never split between training and test.
term-training = training
term-training-about = The head looks at labelled images again and again and changes its numbers, so that its answers get better.
term-validation = validation
term-validation-about = Images that are not learnt from but looked at after each epoch, to choose the best epoch.
term-test = test
term-test-about = Images that were kept away from learning and choosing. Only they show how good the head really is.
term-network = network (backbone)
term-network-about = The large part, which somebody trained on very many photos. Here it stays as it is.
term-weights = weights
term-weights-about = The numbers in a network or a head that training has set. They are all it has learnt.
term-engine = engine
term-engine-about = The program that computes the network: on the processor (CPU) or the graphics card (WebGPU).
term-transfer = transfer learning
term-transfer-about = Using for one task what a network learnt for another: only a small head has to learn from scratch.
term-feature = feature
term-feature-about = A number by which the network says how much it sees of something in an image. An image has thousands of them.
term-bottleneck = bottleneck
term-bottleneck-about = The narrow place before the last layer, which everything has to pass through. The features are taken there.
term-head = head
term-head-about = The small part that learns here. It turns features into a probability for each class.
term-epoch = epoch
term-epoch-about = One pass of the training over all training images.
term-batch = batch
term-batch-about = The images that each training step uses together.
term-learning-rate = learning rate
term-learning-rate-about = How large each training step is. Too large, and it overshoots; too small, and it never arrives.
term-dropout = dropout
term-dropout-about = While learning, some values are switched off at random, so that the head depends on none of them.
term-seed = seed
term-seed-about = The number that all random choices start from. The same seed repeats everything exactly.
term-loss = loss
term-loss-about = How wrong the head is, as a number. Training makes it smaller.
term-overfitting = overfitting
term-overfitting-about = Learning by heart: good on the training images, worse on new ones. Validation shows it.
term-accuracy = accuracy
term-accuracy-about = The share of the test images that the head gets right.
term-interval = confidence interval
term-interval-about = The true accuracy probably lies between these two values. The fewer test images, the wider it is.
term-confusion = confusion matrix
term-confusion-about = A table of what the images are and what the head said. It shows which classes get mixed up.
term-precision = precision and recall
term-precision-about = Precision: how many answers of a class are right. Recall: how many images of a class are found.
term-probability = probability
term-probability-about = How strongly the head believes in a class, from 0 to 100{"\u00A0"}%. All classes together make 100{"\u00A0"}%.
term-calibration = calibration
term-calibration-about = Whether the head is right as often as it claims: of answers with 90{"\u00A0"}%, nine in ten should be right.

# The model card
card-open = Model card to print
card-title = Model card: { $name }
card-print = Print
card-close = Close
card-date = { $date }, made with bottleneck
card-data = Data
card-source = { $source }: { $train } training images and { $test } test images.
card-changed = The images that it learnt from are not in use now: how many each class had is not known.
card-class = Class
card-example = Example
card-learn = Training
card-exam = Test
card-left-out = Left out or used differently
card-nothing-left-out = Nothing was left out.
card-split = Split
card-split-three = { $learnt } images for training, { $validation } for validation, { $test } for the test.
card-split-two = { $learnt } images remembered, { $test } for the test.
card-split-takes = Pictures of one take were never split between training and test.
card-split-plain = The test images were used neither for training nor for choosing the epoch.
card-made = Network and head
card-network = Network: { $name }. Weights: { $source }. Licence: { $licence }.
card-network-unknown = The features came from files: the page does not know which network made them.
card-head = Head: { $head }.
card-settings = { $done } of { $epochs } epochs, the best one is { $best }; { $batch } images per step; learning rate { $rate }; seed { $seed }.
card-settings-nearest = It does not train: the five most similar images vote.
card-results = Test results
card-accuracy = { $correct } of { $test } images right: { $accuracy } (95{"\u00A0"}% interval: { $low } to { $high }).
card-right = Right
card-recall = Share
card-interval = 95{"\u00A0"}% interval
card-limits = Limits
card-limit-classes = It knows only { $shown } classes: whatever it sees, it takes for one of them, or says that it does not know.
card-limit-alike = It knows pictures like those it learnt from. Another camera, light or background may mislead it.
card-limit-few = { $images ->
    [one] The test had only one image: the true accuracy may lie anywhere from { $low } to { $high }.
   *[other] The test had only { $shown } images: the true accuracy may lie anywhere from { $low } to { $high }.
}
card-limit-class-few = Fewer than ten test images, so little is known about: { $names }.
card-limit-untested = Never tested: { $names }.
card-limit-mixed = { $label } was taken for { $answer } in { $count } of { $of } images.
card-limit-development = The network's weights were trained for another task and do poorly.
card-limit-people = Not for decisions about people.

# Finished trainings, and what two of them say of each other
trainings-title = Compare your trainings
trainings-intro = Every finished training becomes a row here and stays. Choose two rows to compare them.
trainings-none = No training is stored here yet. The next one will be.
trainings-table = Finished trainings
trainings-choose = Choose
trainings-choose-one = Choose “{ $name }” to compare it
trainings-name = Name
trainings-name-one = Name of “{ $name }”
trainings-unnamed = Training { $number }
trainings-network = Network
trainings-foreign = Features from files
trainings-head = Head
trainings-settings = Settings
trainings-train = Training images
trainings-test = Test images
trainings-correct = Right
trainings-accuracy = Accuracy
trainings-low = Accuracy, at least
trainings-high = Accuracy, at most
trainings-time = Time taken
trainings-seconds = Seconds
trainings-made = Made
trainings-delete = Delete
trainings-delete-one = Delete “{ $name }”
trainings-deleted = “{ $name }” was deleted.
trainings-undo = Undo
trainings-dropped = { $count ->
    [one] The table holds { $most } trainings. The oldest one was dropped.
   *[other] The table holds { $most } trainings. The oldest { $shown } were dropped.
}
trainings-csv = Save as a table (CSV)
trainings-epochs = { $epochs ->
    [one] 1 epoch
   *[other] { $shown } epochs
}
trainings-seed = seed { $value }
trainings-batch = { $value } images per step
trainings-rate = learning rate { $value }
trainings-share = validation { $value }
trainings-dropout-map = dropout at the convolution { $value }
trainings-dropout-pooled = dropout after the average { $value }
trainings-patience = patience { $value }
compare-choose = Choose two rows. Then you read here which head is better, or that nobody can tell.
compare-waits = Comparing…
compare-measured = On { $images } test images that neither has learnt from, “{ $first }” gets { $right } right and “{ $second }” gets { $other }.
compare-alone = Only “{ $first }” is right on { $alone } of them; only “{ $second }” on { $other }.
compare-better = “{ $better }” is better. If both were equally good, chance alone would make such a difference in { $chance } of cases.
compare-open = That may be chance. If both were equally good, such a difference would come up in { $chance } of cases.
compare-same = Both get the very same images right.
compare-too-few = They share only { $images } test images that neither has learnt from. A comparison needs { $fewest }.
compare-relabelled = { $count ->
    [one] One image is left out: its label has changed since.
   *[other] { $shown } images are left out: their labels have changed since.
}
compare-chance = { $value }
compare-tiny = less than { $value }
compare-method = McNemar’s exact test, on the images that only one of them got right. Below 5{"\u00A0"}% the page calls one better.
problem-trainings-damaged = The table of finished trainings was damaged and starts again from empty.
problem-trainings-damaged-next = There is nothing to do: your pictures and the trained head are not touched.

# Learning curve
curve-title = Would more pictures help?
curve-intro = Heads learn from 10, 20, 40, 70 and 100{"\u00A0"}% of the training images and take the same test. Then they are discarded.
curve-head = Head
curve-takes = Takes about { $time }, judging by how long “{ $name }” took.
curve-takes-other = Takes perhaps { $time }, judging by “{ $name }”, which has another kind of head: it may be much more or less.
curve-unknown = The page cannot say how long it takes: the table above has no finished training.
curve-start = Draw the learning curve
curve-cancel = Cancel
curve-running = Head { $point } of { $points }: it learns from { $images } images.
curve-progress = Progress of the learning curve
curve-chart = Test accuracy by training images, with 95{"\u00A0"}% intervals
curve-description = Test accuracy: { $first } with { $few } images, { $last } with { $many }.
curve-share = Share
curve-images = Images
curve-left-out = Left out: { $shares }. With so few images this point would be the same as the next one.
curve-rising = It still rises: more pictures would help.
curve-flat = It is flat: more pictures like these would hardly help.
curve-unsure = Nobody can tell yet: the intervals are too wide. More test images make them narrower.
curve-ended = The curve stopped early, so it says nothing yet.

# The epochs, one by one
scrubber-label = Look at an epoch:
scrubber-note = Move it to see which validation images that epoch got wrong. The test images are used only once, at the end.
scrubber-shown = { $epoch } of { $epochs }, validation accuracy { $accuracy }
scrubber-wrong = { $wrong ->
    [0] It got all { $of } validation images right.
    [one] It got one of { $of } validation images wrong.
   *[other] It got { $shown } of { $of } validation images wrong.
}
scrubber-unknown = The page no longer knows which images these were. Train again with the images in use to see them.
