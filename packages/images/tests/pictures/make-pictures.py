"""Makes pictures of every kind that is read, and says what Pillow makes of them.

make-pictures.py FOLDER        writes the pictures and index.json
make-pictures.py FOLDER cuts   writes the same, each kind's first picture cut at 20 places as well

index.json is a list of {file, kind, cut, width, height, rgb}: cut how many bytes are missing, rgb the SHA-256 of convert('RGB'); rgb is null where Pillow
refuses the file. Everything random comes from one seed.
"""
import hashlib
import io
import json
import os
import random
import struct
import sys
import zlib

from PIL import Image, ImageCms

source = random.Random(9)
pictures = []  # (kind, name, bytes, how many bytes are missing)


def add(kind, name, content, cut=0):
    pictures.append((kind, name, bytes(content), cut))


def picture(width=61, height=47, mode='RGB'):
    """Smooth colours with noise on them, as in a photograph."""
    bands = []
    for _ in range({'L': 1, 'LA': 2, 'RGB': 3}.get(mode, 4)):
        smooth = Image.frombytes('L', (7, 5), source.randbytes(35)).resize((width, height), Image.BICUBIC)
        noise = Image.frombytes('L', (width, height), source.randbytes(width * height))
        bands.append(Image.blend(smooth, noise, 0.15))
    return bands[0] if mode == 'L' else Image.merge(mode, bands)


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


profile = ImageCms.ImageCmsProfile(ImageCms.createProfile('LAB')).tobytes()
turned = Image.Exif()
turned[0x0112] = 6


def jpegs():
    for sampling in (0, 1, 2):
        for quality, size in ((30, (61, 47)), (95, (8, 1)), (75, (130, 33))):
            image = picture(*size)
            add('JPEG', f's{sampling}q{quality}', saved(image, 'JPEG', quality=quality, subsampling=sampling, progressive=quality == 75))
    add('JPEG', 'grey', saved(picture(mode='L'), 'JPEG'))
    add('JPEG', 'exif-icc', saved(picture(), 'JPEG', exif=turned, icc_profile=profile))
    for quality in (20, 75, 96):
        cmyk = saved(picture(mode='CMYK'), 'JPEG', quality=quality, progressive=quality == 75)
        add('CMYK JPEG', f'adobe-q{quality}', cmyk)
        adobe = cmyk.index(b'Adobe')
        # The same coefficients declared to be YCCK.
        add('CMYK JPEG', f'ycck-q{quality}', cmyk[:adobe + 11] + b'\2' + cmyk[adobe + 12:])
        # And with no word on their meaning.
        add('CMYK JPEG', f'bare-q{quality}', cmyk[:adobe - 4] + cmyk[adobe + 12:])
    add('CMYK JPEG', 'icc', saved(picture(mode='CMYK'), 'JPEG', icc_profile=profile))


def chunk(name, content):
    return struct.pack('>I', len(content)) + name + content + struct.pack('>I', zlib.crc32(name + content))


def png(width, height, depth, colour, row_bytes, before=b'', interlace=0):
    rows = b''.join(b'\0' + source.randbytes(row_bytes) for _ in range(height))
    header = struct.pack('>IIBBBBB', width, height, depth, colour, 0, 0, interlace)
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + before + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))


def pngs():
    for mode in ('1', 'L', 'LA', 'RGB', 'RGBA', 'P'):
        add('PNG', f'mode-{mode}', saved(picture(mode='RGBA').convert(mode), 'PNG'))
    add('PNG', 'palette-trns', saved(picture().quantize(200), 'PNG', transparency=bytes(range(200))))
    add('PNG', 'rgb-trns', saved(picture(), 'PNG', transparency=(1, 2, 3)))
    add('PNG', 'icc', saved(picture(), 'PNG', icc_profile=profile))
    for depth in (1, 2, 4, 8, 16):
        add('PNG', f'grey{depth}', png(33, 9, depth, 0, (33 * depth + 7) // 8))
    for depth in (1, 2, 4, 8):
        palette = chunk(b'PLTE', source.randbytes(3 << depth))
        add('PNG', f'palette{depth}', png(33, 9, depth, 3, (33 * depth + 7) // 8, palette))
    grey16 = Image.frombytes('I;16', (40, 20), bytes(b for i in range(800) for b in ((i * 7) & 255, i & 1)))
    add('PNG 16-bit grey', 'low', saved(grey16, 'PNG'))
    add('PNG 16-bit grey', 'noise', png(21, 13, 16, 0, 42))
    add('PNG 16-bit grey', 'trns', png(21, 13, 16, 0, 42, chunk(b'tRNS', b'\0\7')))
    for colour, samples in ((2, 3), (4, 2), (6, 4)):
        add('PNG', f'colour{colour}-16', png(21, 13, 16, colour, 42 * samples))
    frames = [picture(), picture()]
    add('PNG', 'animated', saved(frames[0], 'PNG', save_all=True, append_images=frames[1:], duration=100))
    add('PNG', 'animated-default', saved(frames[0], 'PNG', save_all=True, default_image=True, append_images=frames))


def webps():
    for mode in ('RGB', 'RGBA'):
        for options in ({'quality': 20}, {'quality': 90, 'method': 0}, {'lossless': True}, {'quality': 60, 'alpha_quality': 10}):
            add('WebP', f'{mode}-' + '-'.join(f'{key}{value}' for key, value in options.items()), saved(picture(mode=mode), 'WEBP', **options))
    add('WebP', 'grey', saved(picture(mode='L'), 'WEBP'))
    add('WebP', 'one-pixel', saved(picture(1, 1), 'WEBP'))
    add('WebP', 'exif-icc', saved(picture(), 'WEBP', exif=turned.tobytes(), icc_profile=profile))
    for mode in ('RGB', 'RGBA'):
        for lossless in (False, True):
            frames = [picture(mode=mode) for _ in range(3)]
            add('WebP animated', f'{mode}-{lossless}', saved(frames[0], 'WEBP', save_all=True, append_images=frames[1:], lossless=lossless))
    # The first frame of a mixed animation covers only a part of the canvas; Pillow never writes such a file.
    still = saved(picture(20, 10), 'WEBP', lossless=True)[12:]
    clear = saved(picture(20, 10, 'RGBA'), 'WEBP', lossless=True)
    clear = clear[clear.index(b'VP8L'):]
    for name, alpha, frame in (('part', 0, still), ('part-alpha', 0x10, clear)):
        extended = b'VP8X' + struct.pack('<IB3x', 10, 2 | alpha) + (60).to_bytes(3, 'little') + (46).to_bytes(3, 'little')
        place = b''.join(value.to_bytes(3, 'little') for value in (4, 3, 19, 9, 100)) + b'\0'
        animation = b'ANIM' + struct.pack('<I', 6) + bytes((10, 20, 30, 255, 0, 0))
        body = b'WEBP' + extended + animation + b'ANMF' + struct.pack('<I', len(place) + len(frame)) + place + frame
        add('WebP animated', name, b'RIFF' + struct.pack('<I', len(body)) + body)


def lzw(indices, bits):
    """GIF's LZW without compression: a clear code before the codes would grow."""
    codes, clear = [], 1 << bits
    for at, index in enumerate(indices):
        if at % ((1 << bits) - 2) == 0:
            codes.append(clear)
        codes.append(index)
    codes.append(clear + 1)
    number = sum(code << (place * (bits + 1)) for place, code in enumerate(codes))
    packed = number.to_bytes((len(codes) * (bits + 1) + 7) // 8, 'little')
    blocks = (packed[at:at + 255] for at in range(0, len(packed), 255))
    return bytes([bits]) + b''.join(bytes([len(block)]) + block for block in blocks) + b'\0'


def gif(canvas, frame, screen_bits=None, local_bits=None, clear=None, background=0, interlaced=False, indices=None, bits=4, grey=False, end=b';'):
    def palette(count):
        return bytes(i // 3 for i in range(3 * count)) if grey else source.randbytes(3 * count)

    x, y, width, height = frame
    head = b'GIF89a' + struct.pack('<HHBBB', *canvas, 0x80 | (screen_bits - 1) if screen_bits else 0, background, 0)
    head += palette(1 << screen_bits) if screen_bits else b''
    if clear is not None:
        head += b'!\xf9\4' + bytes((1, 0, 0, clear)) + b'\0'
    flags = (0x80 | (local_bits - 1) if local_bits else 0) | (0x40 if interlaced else 0)
    head += b',' + struct.pack('<HHHHB', x, y, width, height, flags)
    head += palette(1 << local_bits) if local_bits else b''
    indices = [source.randrange(1 << bits) for _ in range(width * height)] if indices is None else indices
    return head + lzw(indices, bits) + end


def gifs():
    for colours in (2, 16, 255):
        image = picture().quantize(colours)
        add('GIF', f'{colours}', saved(image, 'GIF'))
        add('GIF', f'{colours}-plain', saved(image, 'GIF', interlace=0))
        add('GIF', f'{colours}-transparent', saved(image, 'GIF', transparency=1))
    add('GIF', 'grey', saved(picture(mode='L'), 'GIF'))
    add('GIF', 'one-pixel', saved(picture(1, 1).quantize(2), 'GIF'))
    frames = [picture().quantize(30) for _ in range(3)]
    add('GIF', 'animated', saved(frames[0], 'GIF', save_all=True, append_images=frames[1:], transparency=3, disposal=2, comment=b'of three'))
    whole, part = (0, 0, 20, 11), (3, 2, 9, 5)
    for interlaced in (False, True):
        mark = '-interlaced' if interlaced else ''
        add('GIF', 'whole' + mark, gif((20, 11), whole, 4, interlaced=interlaced))
        add('GIF', 'local' + mark, gif((20, 11), whole, 4, 4, interlaced=interlaced))
        add('GIF', 'part' + mark, gif((20, 11), part, 4, interlaced=interlaced))
        add('GIF', 'part-transparent' + mark, gif((20, 11), part, 4, clear=5, interlaced=interlaced))
    add('GIF', 'part-background', gif((20, 11), part, 4, background=7))
    add('GIF', 'part-local', gif((20, 11), part, 2, 4, clear=9))
    add('GIF', 'only-local', gif((20, 11), part, None, 4, clear=2))
    add('GIF', 'no-palette', gif((20, 11), part, bits=8, clear=200))
    add('GIF', 'grey-palette', gif((20, 11), part, 8, bits=8, grey=True))
    add('GIF', 'grey-local', gif((20, 11), part, 4, 8, bits=8, grey=True))
    add('GIF', 'short-palette', gif((20, 11), whole, 2, bits=4))
    add('GIF', 'clear-beyond-palette', gif((20, 11), part, 2, bits=2, clear=77))
    add('GIF', 'larger-than-canvas', gif((5, 5), (2, 3, 9, 5), 4))
    add('GIF', 'no-trailer', gif((20, 11), whole, 4, end=b''))
    add('GIF', 'rubbish-after', gif((20, 11), whole, 4, end=b'\0\0\xff'))
    add('GIF', 'too-few-codes', gif((20, 11), whole, 4, indices=[3] * 100))
    add('GIF', 'too-many-codes', gif((20, 11), whole, 4, indices=[3] * 300))
    add('GIF', 'no-pixels', gif((0, 0), (0, 0, 0, 0), 4, indices=[]))
    add('GIF', 'no-frame', b'GIF89a' + struct.pack('<HHBBB', 3, 3, 0, 0, 0) + b';')


def bmp(width, height, bits, pixels=None, palette=b'', compression=0, masks=b'', header=40, colours=0):
    stride = (width * bits + 31) // 32 * 4
    pixels = source.randbytes(stride * abs(height)) if pixels is None else pixels
    if header == 12:
        info = struct.pack('<IHHHH', 12, width, height, 1, bits)
    else:
        info = struct.pack('<IiiHHIIiiII', header, width, height, 1, bits, compression, len(pixels), 2835, 2835, colours, 0)
    info += masks if header <= 40 or compression != 3 else b''
    if header > 40:
        info += (masks if compression == 3 else b'').ljust(header - 40, b'\0')
    start = 14 + len(info) + len(palette)
    return b'BM' + struct.pack('<IHHI', start + len(pixels), 0, 0, start) + info + palette + pixels


def bmps():
    for mode in ('1', 'L', 'P', 'RGB', 'RGBA'):
        add('BMP', f'pillow-{mode}', saved(picture(mode='RGBA').convert(mode), 'BMP'))
    for height in (9, -9):
        mark = '-down' if height < 0 else ''
        for bits in (1, 4, 8):
            add('BMP', f'{bits}{mark}', bmp(21, height, bits, palette=source.randbytes(4 << bits)))
        for bits in (16, 24, 32):
            add('BMP', f'{bits}{mark}', bmp(21, height, bits))
    add('BMP', 'few-colours', bmp(21, 9, 4, source.randbytes(108), source.randbytes(40), colours=10))
    add('BMP', 'many-colours', bmp(21, 9, 1, palette=source.randbytes(4 * 300), colours=300))
    for bits in (1, 4, 8):
        add('BMP', f'grey{bits}', bmp(21, 9, bits, palette=b''.join(bytes([i, i, i, 0]) for i in ((0, 255) if bits == 1 else range(1 << bits)))))
        add('BMP', f'os2-{bits}', bmp(21, 9, bits, palette=source.randbytes(3 << bits), header=12))
    add('BMP', 'two-greys-of-8', bmp(21, 9, 8, bytes(source.choice((0, 1, 2, 255)) for _ in range(24 * 9)), bytes((0, 0, 0, 0, 255, 255, 255, 0)), colours=2))
    add('BMP', 'os2-24', bmp(21, 9, 24, header=12))
    layouts = {
        32: ((0xFF0000, 0xFF00, 0xFF, 0), (0xFF000000, 0xFF0000, 0xFF00, 0), (0xFF000000, 0xFF0000, 0xFF00, 0xFF),
             (0xFF, 0xFF00, 0xFF0000, 0xFF000000), (0xFF0000, 0xFF00, 0xFF, 0xFF000000), (0, 0, 0, 0), (0xFF, 0xFF00, 0xFF0000, 0)),
        24: ((0xFF0000, 0xFF00, 0xFF, 0),),
        16: ((0xF800, 0x7E0, 0x1F, 0), (0x7C00, 0x3E0, 0x1F, 0), (0xF00, 0xF0, 0xF, 0)),
    }
    for bits, masks in layouts.items():
        for place, mask in enumerate(masks):
            add('BMP', f'fields{bits}-{place}', bmp(21, 9, bits, compression=3, masks=struct.pack('<IIII', *mask), header=124))
            add('BMP', f'fields{bits}-{place}-v3', bmp(21, 9, bits, compression=3, masks=struct.pack('<III', *mask[:3])))
    for header in (64, 108, 124):
        add('BMP', f'header{header}', bmp(21, 9, 24, header=header))
    add('BMP', 'header52', bmp(21, 9, 24, header=52))
    add('BMP', 'bits2', bmp(21, 9, 2, palette=source.randbytes(16)))
    add('BMP', 'png-inside', bmp(21, 9, 24, compression=5))
    runs8 = b''.join(bytes((3, 1, 0, 4, 5, 6, 7, 8, 5, 2, 0, 3, 9, 9, 9, 0, 0, 0)) for _ in range(9)) + b'\0\1'
    runs4 = b''.join(bytes((3, 0x12, 0, 4, 0x56, 0x78, 5, 0x29, 0, 0)) for _ in range(9)) + b'\0\1'
    delta = bytes((3, 1, 0, 2, 4, 2, 40, 7, 0, 0, 200, 3, 0, 1))
    for height in (9, -9):
        mark = '-down' if height < 0 else ''
        add('BMP RLE', 'rle8' + mark, bmp(21, height, 8, runs8, source.randbytes(1024), 1))
        add('BMP RLE', 'rle4' + mark, bmp(21, height, 4, runs4, source.randbytes(64), 2))
    add('BMP RLE', 'delta', bmp(21, 9, 8, bytes((21, 5, 0, 0, 21, 4, 0, 0, 2, 1, 0, 2, 3, 5)) + bytes((21, 9)) * 2 + b'\0\0' + bytes((9, 8, 0, 0)) + b'\0\1', source.randbytes(1024), 1))
    add('BMP RLE', 'wide-run', bmp(21, 9, 8, bytes((255, 3, 0, 0)) * 9 + b'\0\1', source.randbytes(1024), 1))
    add('BMP RLE', 'delta-short', bmp(21, 9, 8, delta, source.randbytes(1024), 1))
    add('BMP RLE', 'ends-early', bmp(21, 9, 8, bytes((21, 5, 0, 0, 3, 7, 0, 1)), source.randbytes(1024), 1))


def tiff(order, tags, blocks, offsets=273, counts=279):
    """One directory whose strips or tiles are `blocks`; tags: {number: (type, values)}."""
    mark = '<' if order == b'II' else '>'
    size = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8}
    form = {1: 'B', 2: 'B', 3: 'H', 4: 'I', 5: 'I'}
    at = 8
    places = []
    for block in blocks:
        places.append(at)
        at += len(block) + len(block) % 2
    tags = {**tags, offsets: (4, places), counts: (4, [len(block) for block in blocks])}
    body = b''.join(block + b'\0' * (len(block) % 2) for block in blocks)
    entries, beyond = b'', b''
    after = at + 2 + 12 * len(tags) + 4
    for number, (kind, values) in sorted(tags.items()):
        packed = struct.pack(f'{mark}{len(values)}{form[kind]}', *values)
        if len(packed) > 4:
            value = struct.pack(mark + 'I', after + len(beyond))
            beyond += packed + b'\0' * (len(packed) % 2)
        else:
            value = packed.ljust(4, b'\0')
        entries += struct.pack(mark + 'HHI', number, kind, len(packed) // size[kind]) + value
    return order + struct.pack(mark + 'HI', 42, at) + body + struct.pack(mark + 'H', len(tags)) + entries + struct.pack(mark + 'I', 0) + beyond


def plain_tiff(order=b'II', bits=(8, 8, 8), photometric=2, width=21, height=9, rows=4, planar=False, compression=1, extra=None, pixels=None, **more):
    """An uncompressed or deflated TIFF in strips, which Pillow cannot write itself."""
    samples = [bits[:1]] * len(bits) if planar else [bits]
    blocks = []
    for plane in samples:
        stride = (width * sum(plane) + 7) // 8
        for top in range(0, height, rows):
            raw = source.randbytes(stride * min(rows, height - top))
            blocks.append(zlib.compress(raw) if compression == 8 else raw)
    tags = {256: (4, [width]), 257: (4, [height]), 258: (3, bits), 259: (3, [compression]), 262: (3, [photometric]),
            277: (3, [len(bits)]), 278: (4, [rows]), 284: (3, [2 if planar else 1])}
    if extra is not None:
        tags[338] = (3, extra)
    if photometric == 3:
        tags[320] = (3, [source.randrange(65536) for _ in range(3 << bits[0])])
    tags.update({int(number[1:]): value for number, value in more.items()})
    return tiff(order, tags, blocks)


def tiled_tiff(order=b'II', bits=(8, 8, 8), photometric=2, width=50, height=35, tile=16, compression=1):
    across, down = -(-width // tile), -(-height // tile)
    blocks = [source.randbytes(tile * tile * sum(bits) // 8) for _ in range(across * down)]
    blocks = [zlib.compress(block) for block in blocks] if compression == 8 else blocks
    tags = {256: (4, [width]), 257: (4, [height]), 258: (3, bits), 259: (3, [compression]), 262: (3, [photometric]),
            277: (3, [len(bits)]), 322: (4, [tile]), 323: (4, [tile])}
    return tiff(order, tags, blocks, 324, 325)


def tiffs():
    for compression in ('raw', 'tiff_lzw', 'tiff_adobe_deflate', 'tiff_deflate', 'packbits'):
        for mode in ('1', 'L', 'LA', 'P', 'RGB', 'RGBA', 'CMYK'):
            image = picture(mode='CMYK') if mode == 'CMYK' else picture(mode='RGBA').convert(mode)
            add('TIFF CMYK' if mode == 'CMYK' else 'TIFF', f'{compression}-{mode}', saved(image, 'TIFF', compression=compression))
    add('TIFF', 'predictor', saved(picture(), 'TIFF', compression='tiff_lzw', tiffinfo={317: 2}))
    for mode in ('L', 'RGB'):
        add('TIFF JPEG', mode, saved(picture(mode='RGBA').convert(mode), 'TIFF', compression='jpeg', quality=80))
    add('TIFF JPEG', 'YCbCr', saved(picture().convert('YCbCr'), 'TIFF', compression='jpeg', quality=80))
    add('TIFF JPEG', 'CMYK', saved(picture(mode='CMYK'), 'TIFF', compression='jpeg', quality=80))
    add('TIFF, foreign', 'YCbCr-raw', saved(picture().convert('YCbCr'), 'TIFF'))
    add('TIFF, foreign', 'LAB', saved(picture().convert('YCbCr').convert('RGB'), 'TIFF', tiffinfo={262: 8}))
    for compression in ('group3', 'group4', 'tiff_ccitt'):
        add('TIFF', compression, saved(picture(mode='L').convert('1'), 'TIFF', compression=compression))
    add('TIFF', 'icc', saved(picture(), 'TIFF', icc_profile=profile))
    add('TIFF', 'pages', saved(picture(), 'TIFF', save_all=True, append_images=[picture(9, 9)]))
    for orientation in range(1, 9):
        add('TIFF', f'orientation{orientation}', saved(picture(), 'TIFF', tiffinfo={274: orientation}, compression='tiff_lzw' if orientation % 2 else 'raw'))
    for order in (b'II', b'MM'):
        mark = order.decode()
        for bits in (1, 2, 4, 8):
            for photometric in (0, 1, 3):
                add('TIFF', f'{mark}-{bits}-photo{photometric}', plain_tiff(order, (bits,), photometric))
        for photometric in (0, 1):
            for compression in (1, 8):
                add('TIFF 16-bit grey', f'{mark}-photo{photometric}-{compression}', plain_tiff(order, (16,), photometric, compression=compression))
        add('TIFF', f'{mark}-planar', plain_tiff(order, planar=True))
        add('TIFF', f'{mark}-planar-deflate', plain_tiff(order, planar=True, compression=8))
        add('TIFF', f'{mark}-rgb16', plain_tiff(order, (16, 16, 16)))
        add('TIFF', f'{mark}-rgba16', plain_tiff(order, (16,) * 4, extra=[2], compression=8))
        add('TIFF, foreign', f'cmyk-{mark}-16', plain_tiff(order, (16,) * 4, 5))
        for extra in (0, 1, 2):
            add('TIFF', f'{mark}-extra{extra}', plain_tiff(order, (8,) * 4, extra=[extra]))
            add('TIFF, foreign' if extra == 1 else 'TIFF', f'{mark}-extra{extra}-16', plain_tiff(order, (16,) * 4, extra=[extra]))
        add('TIFF', f'{mark}-tiled', tiled_tiff(order))
        add('TIFF', f'{mark}-tiled-deflate', tiled_tiff(order, compression=8))
        add('TIFF', f'{mark}-tiled-grey', tiled_tiff(order, (8,), 1, compression=8))
    low = Image.frombytes('I;16', (40, 20), bytes(b for i in range(800) for b in ((i * 7) & 255, i & 1)))
    add('TIFF 16-bit grey', 'low', saved(low, 'TIFF'))
    add('TIFF 16-bit grey', 'low-lzw', saved(low, 'TIFF', compression='tiff_lzw'))
    add('TIFF, foreign', 'grey12', plain_tiff(bits=(12,), photometric=1, width=22))
    add('TIFF, foreign', 'grey16-signed', plain_tiff(bits=(16,), photometric=1, t339=(3, [2])))
    add('TIFF, foreign', 'grey32', plain_tiff(bits=(32,), photometric=1))
    add('TIFF, foreign', 'grey32-signed', plain_tiff(bits=(32,), photometric=1, t339=(3, [2])))
    add('TIFF, foreign', 'float32', plain_tiff(bits=(32,), photometric=1, t339=(3, [3])))
    add('TIFF', 'fillorder', plain_tiff(bits=(1,), photometric=1, t266=(3, [2])))
    add('TIFF', 'fillorder8', plain_tiff(bits=(8, 8, 8), t266=(3, [2])))
    add('TIFF', 'palette-alpha', plain_tiff(bits=(8, 8), photometric=3, extra=[2]))


def verdict(content):
    try:
        with Image.open(io.BytesIO(content)) as image:
            rgb = image.convert('RGB')
        return {'width': rgb.width, 'height': rgb.height, 'rgb': hashlib.sha256(rgb.tobytes()).hexdigest()}
    except Exception as error:
        return {'width': 0, 'height': 0, 'rgb': None, 'said': f'{type(error).__name__}: {error}'}


def cut():
    """A picture of each kind, ended early at 20 places."""
    seen = {}
    for kind, name, content, _ in list(pictures):
        if seen.setdefault(kind, name) == name:
            for place in range(20):
                length = len(content) * place // 20 + source.randrange(len(content) // 20)
                add(f'{kind}, cut', f'{name}-cut{place}', content[:length], len(content) - length)


def main(folder, *what):
    for make in (jpegs, pngs, webps, gifs, bmps, tiffs):
        make()
    if what:
        cut()
    index = []
    for kind, name, content, missing in pictures:
        file = f'{kind}-{name}'.replace(' ', '-').replace(',', '')
        with open(os.path.join(folder, file), 'wb') as target:
            target.write(content)
        index.append({'file': file, 'kind': kind, 'cut': missing, **verdict(content)})
    with open(os.path.join(folder, 'index.json'), 'w') as target:
        json.dump(index, target)


if __name__ == "__main__":
    main(*sys.argv[1:])
