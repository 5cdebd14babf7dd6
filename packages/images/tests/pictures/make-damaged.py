"""Makes 300 pictures of every kind, damages each, and says what Pillow makes of what is left.

make-damaged.py FOLDER [SEED [ROUNDS]]   writes the damaged files and index.json, as make-pictures.py does, with what was done to each

Damage is what disks do: one bit of the file is the other one, or a sector, 512 bytes at a multiple of 512, is zero. A round damages each picture four times: a
bit anywhere, a bit among the first 700 bytes, where headers and tables lie, and two sectors. A JPEG also gets a marker in a place that has none, twice.
"""
import hashlib
import importlib.util
import io
import json
import os
import random
import struct
import subprocess
import sys
import zlib

from PIL import Image, TiffImagePlugin

here = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location('pictures', os.path.join(here, 'make-pictures.py'))
made = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made)

source = random.Random(13)
pictures = []  # (kind, bytes)


def picture(mode='RGB'):
    """Smooth colours with little noise, of a size between a thumbnail's and a small photograph's."""
    width, height = source.randrange(60, 240), source.randrange(60, 200)
    bands = []
    for _ in range({'1': 1, 'L': 1, 'LA': 2, 'P': 3, 'RGB': 3}.get(mode, 4)):
        smooth = Image.frombytes('L', (7, 5), source.randbytes(35)).resize((width, height), Image.BICUBIC)
        noise = Image.frombytes('L', (width, height), source.randbytes(width * height))
        bands.append(Image.blend(smooth, noise, source.choice((0, 0.05, 0.2))))
    if mode in ('1', 'L'):
        return bands[0].convert(mode)
    return Image.merge('RGB', bands).quantize(source.choice((2, 16, 256))) if mode == 'P' else Image.merge(mode, bands)


def add(kind, content):
    pictures.append((kind, bytes(content)))


def saved(image, kind, **options):
    return made.saved(image, kind, **options)


def coded_jpeg(components, restart, separate=False):
    """A baseline JPEG of random coefficients, with restart markers or its components in scans of their own, which Pillow cannot write."""
    width, height = source.randrange(60, 200), source.randrange(60, 200)
    double = components == 3 and source.random() < 0.5
    sampling = [2 if double and i == 0 else 1 for i in range(components)]
    values = [list(range(12)), [0] + [run << 4 | size for run in range(4) for size in range(1, 5)]]
    tables = [bytes(7) + bytes([len(each)]) + bytes(8) + bytes(each) for each in values]  # every code has 8 bits
    steps, levels = ({value: place for place, value in enumerate(each)} for each in values)

    def segment(marker, content):
        return bytes((0xFF, marker)) + struct.pack('>H', len(content) + 2) + content

    def scan(which):
        bits, coded, previous = [], b'', {}

        def put(value, size):
            bits.extend((value >> place) & 1 for place in range(size - 1, -1, -1))

        def flush():
            nonlocal coded
            bits.extend([1] * (-len(bits) % 8))
            packed = bytes(int(''.join(map(str, bits[at:at + 8])), 2) for at in range(0, len(bits), 8))
            coded += packed.replace(b'\xff', b'\xff\0')
            bits.clear()

        def number(value):
            size = abs(value).bit_length()
            return size, value if value >= 0 else value + (1 << size) - 1

        def block(component):
            value = source.randrange(-60, 60)
            size, low = number(value - previous.get(component, 0))
            previous[component] = value
            put(steps[size], 8)
            put(low, size)
            for _ in range(source.randrange(4)):
                size, low = number(source.choice((-9, -3, -1, 1, 2, 7)))
                put(levels[source.randrange(4) << 4 | size], 8)
                put(low, size)
            put(levels[0], 8)

        if len(which) == 1:
            factor = max(sampling) // sampling[which[0]]
            mcus = -(-width // (8 * factor)) * -(-height // (8 * factor))
        else:
            mcus = -(-width // (8 * max(sampling))) * -(-height // (8 * max(sampling)))
        for mcu in range(mcus):
            if restart and mcu and mcu % restart == 0:
                flush()
                coded += bytes((0xFF, 0xD0 + (mcu // restart - 1) % 8))
                previous.clear()
            for component in which:
                for _ in range(1 if len(which) == 1 else sampling[component] ** 2):
                    block(component)
        flush()
        chosen = b''.join(bytes((component + 1, 0)) for component in which)
        return segment(0xDA, bytes([len(which)]) + chosen + b'\0\x3f\0') + coded

    frame = b''.join(bytes((i + 1, sampling[i] << 4 | sampling[i], 0)) for i in range(components))
    head = segment(0xDB, b'\0' + bytes([9] * 64))
    head += segment(0xC0, struct.pack('>BHHB', 8, height, width, components) + frame)
    head += segment(0xC4, b'\0' + tables[0]) + segment(0xC4, b'\x10' + tables[1])
    head += segment(0xDD, struct.pack('>H', restart)) if restart else b''
    scans = [[i] for i in range(components)] if separate else [list(range(components))]
    return b'\xff\xd8' + head + b''.join(scan(which) for which in scans) + b'\xff\xd9'


def jpegs():
    for round_ in range(8):
        quality = source.choice((30, 75, 95))
        for mode in ('RGB', 'L', 'CMYK'):
            for progressive in (False, True):
                name = {'RGB': 'JPEG', 'L': 'JPEG grey', 'CMYK': 'JPEG CMYK'}[mode] + (', progressive' if progressive else '')
                options = {'subsampling': source.choice((0, 1, 2))} if mode == 'RGB' else {}
                if round_ % 4 == 3:
                    options.update(exif=made.turned, icc_profile=made.profile, comment=b'a comment') if mode == 'RGB' else None
                add(name, saved(picture(mode), 'JPEG', quality=quality, progressive=progressive, optimize=round_ % 2 == 1, **options))
    for round_ in range(20):
        add('JPEG, restarts', coded_jpeg(source.choice((1, 3)), source.choice((3, 7, 20))))
    for round_ in range(12):
        add('JPEG, scans', coded_jpeg(3, source.choice((0, 5)), True))


def adam7(width, height, depth, colour, samples):
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    rows = b''
    for left, top, right, down in passes:
        columns = len(range(left, width, right))
        for _ in range(top, height, down):
            rows += b'\0' + source.randbytes((columns * samples * depth + 7) // 8) if columns else b''
    header = struct.pack('>IIBBBBB', width, height, depth, colour, 0, 0, 1)
    palette = made.chunk(b'PLTE', source.randbytes(3 << depth)) if colour == 3 else b''
    packed = zlib.compress(rows)
    parts = b''.join(made.chunk(b'IDAT', packed[at:at + 1500]) for at in range(0, len(packed), 1500))
    return b'\x89PNG\r\n\x1a\n' + made.chunk(b'IHDR', header) + palette + parts + made.chunk(b'IEND', b'')


def pngs():
    from PIL import PngImagePlugin
    for round_ in range(6):
        for mode in ('1', 'L', 'LA', 'P', 'RGB', 'RGBA'):
            options = {}
            if round_ % 3 == 1:
                text = PngImagePlugin.PngInfo()
                text.add_text('Title', 'a picture' * 9)
                text.add_text('Comment', 'another' * 50, zip=True)
                text.add_itxt('Author', 'nobody', 'en', 'Autor', zip=True)
                options = {'pnginfo': text, 'dpi': (72, 72)}
            if round_ % 3 == 2:
                options = {'icc_profile': made.profile, 'exif': made.turned}
                if mode == 'P':
                    options['transparency'] = bytes(range(100))
            add('PNG', saved(picture(mode), 'PNG', **options))
    for depth, colour, samples in ((8, 2, 3), (8, 0, 1), (4, 3, 1), (8, 3, 1), (8, 6, 4), (16, 0, 1), (16, 2, 3), (1, 0, 1)):
        add('PNG, interlaced', adam7(source.randrange(9, 90), source.randrange(9, 90), depth, colour, samples))
    for depth, colour, samples in ((16, 0, 1), (16, 0, 1), (16, 2, 3), (16, 4, 2), (16, 6, 4), (2, 0, 1), (4, 0, 1)):
        width = source.randrange(20, 90)
        add('PNG, 16 bits and few' if depth != 16 else 'PNG, 16 bits', made.png(width, 40, depth, colour, (width * depth * samples + 7) // 8))
    for _ in range(3):
        frames = [picture('RGB') for _ in range(2)]
        frames[1] = frames[1].resize(frames[0].size)
        add('PNG, animated', saved(frames[0], 'PNG', save_all=True, append_images=frames[1:], duration=100))


def webps():
    for round_ in range(5):
        for mode in ('RGB', 'RGBA'):
            add('WebP', saved(picture(mode), 'WEBP', quality=source.choice((20, 70, 95))))
            add('WebP, lossless', saved(picture(mode), 'WEBP', lossless=True))
    for mode in ('RGB', 'RGBA'):
        for lossless in (False, True):
            frames = [picture(mode)]
            frames += [picture(mode).resize(frames[0].size) for _ in range(2)]
            add('WebP, animated', saved(frames[0], 'WEBP', save_all=True, append_images=frames[1:], lossless=lossless))
    for quality in (1, 50):
        add('WebP', saved(picture('RGB'), 'WEBP', quality=quality))
    add('WebP', saved(picture(), 'WEBP', exif=made.turned.tobytes(), icc_profile=made.profile))


def gifs():
    for round_ in range(10):
        image = picture('P')
        options = {'transparency': 1} if round_ % 3 == 1 else {}
        add('GIF', saved(image, 'GIF', interlace=round_ % 2, **options))
    for _ in range(6):
        frames = [picture('P')]
        frames += [picture('P').resize(frames[0].size) for _ in range(2)]
        add('GIF, animated', saved(frames[0], 'GIF', save_all=True, append_images=frames[1:], comment=b'of three'))
    for interlaced in (False, True):
        add('GIF', made.gif((90, 60), (3, 2, 80, 50), 4, clear=5, interlaced=interlaced))


def bmps():
    for round_ in range(3):
        for mode in ('1', 'L', 'P', 'RGB', 'RGBA'):
            add('BMP', saved(picture(mode), 'BMP'))
    for bits in (1, 4, 8, 16, 24, 32):
        add('BMP', made.bmp(61, 40, bits, palette=source.randbytes(4 << bits) if bits <= 8 else b''))
    runs = b''.join(bytes((30, source.randrange(256), 0, 4, 5, 6, 7, 8, 27, 2, 0, 0)) for _ in range(60)) + b'\0\1'
    for _ in range(3):
        add('BMP, run lengths', made.bmp(61, 60, 8, runs, source.randbytes(1024), 1))


def strips(compression, mode, predictor=None, tiles=False):
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    if predictor:
        tags[317] = predictor
    if source.random() < 0.6 and not tiles:
        tags[278] = source.randrange(8, 50)
    return saved(picture(mode), 'TIFF', compression=compression, tiffinfo=tags)


def tiffs():
    coders = {'raw': 'raw', 'tiff_lzw': 'LZW', 'tiff_adobe_deflate': 'Deflate', 'packbits': 'PackBits', 'zstd': 'Zstandard', 'lzma': 'LZMA'}
    for compression, name in coders.items():
        for mode in ('1', 'L', 'P', 'RGB', 'RGBA', 'CMYK', 'LA'):
            add(f'TIFF, {name}', strips(compression, mode))
        for mode in ('L', 'RGB', 'RGBA'):
            if compression in ('tiff_lzw', 'tiff_adobe_deflate', 'zstd', 'lzma'):
                add(f'TIFF, {name}', strips(compression, mode, 2))
    for compression in ('group3', 'group4', 'tiff_ccitt'):
        for _ in range(5):
            add(f'TIFF, {compression}', strips(compression, '1'))
    for mode in ('L', 'RGB', 'CMYK', 'RGB', 'L'):
        add('TIFF, JPEG', strips('jpeg', mode))
    for mode in ('RGB', 'RGB', 'RGBA'):
        add('TIFF, WebP', strips('webp', mode))
    for order in (b'II', b'MM'):
        for compression in (1, 8):
            for bits, photometric in (((8, 8, 8), 2), ((8,), 1)):
                tiled = made.tiled_tiff(order, bits, photometric, compression=compression, width=90, height=75)
                add('TIFF, Deflate' if compression == 8 else 'TIFF, raw', tiled)
            add('TIFF, Deflate' if compression == 8 else 'TIFF, raw', made.plain_tiff(order, (16, 16, 16), compression=compression, width=60, height=50))
            add('TIFF, Deflate' if compression == 8 else 'TIFF, raw', made.plain_tiff(order, planar=True, compression=compression, width=60, height=50))
            add('TIFF, Deflate' if compression == 8 else 'TIFF, raw', made.plain_tiff(order, (16,), 1, compression=compression, width=60, height=50))


def flipped(content, below):
    place = source.randrange(min(below, len(content)) * 8)
    damaged = bytearray(content)
    damaged[place // 8] ^= 1 << place % 8
    return bytes(damaged), f'bit {place % 8} of byte {place // 8}'


def zeroed(content):
    first = source.randrange((len(content) + 511) // 512) * 512
    length = min(512, len(content) - first)
    return content[:first] + bytes(length) + content[first + length:], f'sector at {first}'


def marked(content):
    """A marker, or the beginning of one, where a JPEG has something else."""
    place = source.randrange(2, len(content) - 1)
    marker = source.choice((0xC4, 0xDB, 0xDA, 0xDD, 0xC0, 0xC2, 0xCC, 0xD9, 0xD8, 0xDC, 0xE1, 0xFE, 0x25, 0x01, 0xD3, 0xF3, source.randrange(256)))
    return content[:place] + bytes((0xFF, marker)) + content[place + 2:], f'marker {marker:02X} at {place}'


def judge(folder, files):
    """What Pillow makes of files, in a process whose fresh memory holds one value and in one where it holds another.

    Where pixels differ between the two, they are what memory held before: `undefined`.
    """
    def ask(value):
        words = [sys.executable, '-W', 'ignore', __file__, folder, 'judge']
        environment = {**os.environ, 'MALLOC_PERTURB_': value}
        return json.loads(subprocess.run(words, env=environment, input=json.dumps(files), capture_output=True, text=True, check=True).stdout)

    return [{**one, 'undefined': one['rgb'] != other['rgb']} for one, other in zip(ask('85'), ask('170'))]


def answer(folder):
    verdicts = []
    for file in json.load(sys.stdin):
        with open(os.path.join(folder, file), 'rb') as content:
            verdicts.append(made.verdict(content.read()))
    json.dump(verdicts, sys.stdout)


def main(folder, seed='1', rounds='1'):
    if seed == 'judge':
        return answer(folder)
    for make in (jpegs, pngs, webps, gifs, bmps, tiffs):
        make()
    source.seed(int(seed))
    index = []
    for number, (kind, content) in enumerate(pictures):
        for round_ in range(int(rounds)):
            ways = (flipped(content, len(content)), flipped(content, 700), zeroed(content), zeroed(content))
            ways += ((marked(content), marked(content)) if kind.startswith('JPEG') else ())
            for place, (damaged, what) in enumerate(ways):
                file = f'{number}-{round_}-{place}'
                with open(os.path.join(folder, file), 'wb') as target:
                    target.write(damaged)
                index.append({'file': file, 'kind': kind, 'damage': what, 'cut': 0})
    verdicts = judge(folder, [entry['file'] for entry in index])
    with open(os.path.join(folder, 'index.json'), 'w') as target:
        json.dump([{**entry, **verdict} for entry, verdict in zip(index, verdicts)], target)


main(*sys.argv[1:])
