//! Pictures: measured before they are decoded, turned upright, made no larger than
//! needed, and encoded anew. Metadata, colour profiles, further frames and whatever was
//! hidden behind the pixels do not survive that.

use super::{Kind, Pressed};
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{PngDecoder, PngEncoder};
use image::codecs::webp::WebPDecoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageResult, Limits};
use linli_model::upload::{PICTURE_PIXELS_MAX, PICTURE_SIDE_MAX, THUMB_SIDE_MAX, UploadRefusal};
use std::io::Cursor;

/// Longest side of what is decoded: thin strips of 50 megapixels are no pictures.
const SIDE_MAX: u32 = 32_768;
/// Scans of a progressive JPEG. Each costs a pass over all pixels; cameras and editors
/// write about ten.
const SCANS_MAX: usize = 64;
/// Quality of what is kept, of 100.
const JPEG_QUALITY: u8 = 85;
const THUMB_QUALITY: u8 = 78;
/// Decoding holds coefficients, pixels and the turned copy at once.
const COPIES: u64 = 4;
/// Metadata chunks inside a picture, of which only the orientation is read.
const METADATA_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Memory that [`press`] takes, from the header alone.
pub(super) fn cost_bytes(bytes: &[u8], kind: Kind) -> Result<u64, UploadRefusal> {
    if kind == Kind::Jpeg {
        walk_jpeg(bytes)?;
    }
    let decoder = decoder(bytes, kind)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > PICTURE_PIXELS_MAX || width > SIDE_MAX || height > SIDE_MAX {
        return Err(UploadRefusal::UploadTooManyPixels {
            limit_pixels: PICTURE_PIXELS_MAX,
        });
    }
    if pixels == 0 {
        return Err(UploadRefusal::UploadUnreadable);
    }
    Ok(decoder.total_bytes().max(pixels * 3) * COPIES + METADATA_BYTES_MAX)
}

/// Decodes and encodes anew. [`cost_bytes`] comes first.
pub(super) fn press(bytes: &[u8], kind: Kind) -> Result<Pressed, UploadRefusal> {
    let mut decoder = decoder(bytes, kind)?;
    let orientation = decoder.orientation().map_err(unreadable)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    let longest = picture.width().max(picture.height());
    if longest > PICTURE_SIDE_MAX {
        // Whole blocks of pixels first: exact enough, and far faster on large ones.
        let close = PICTURE_SIDE_MAX.saturating_mul(2);
        if longest > close {
            picture = picture.thumbnail(close, close);
        }
        picture = picture.resize(PICTURE_SIDE_MAX, PICTURE_SIDE_MAX, FilterType::Triangle);
    }
    picture.apply_orientation(orientation);
    let is_clear = picture.color().has_alpha() && has_holes(&picture);
    let picture = if is_clear {
        DynamicImage::ImageRgba8(picture.into_rgba8())
    } else {
        DynamicImage::ImageRgb8(picture.into_rgb8())
    };
    let thumb = thumb(&picture);
    // Drawings and screenshots stay sharp; photos stay small.
    let as_png = is_clear || (kind == Kind::Png && longest <= PICTURE_SIDE_MAX);
    Ok(Pressed {
        media_type: if as_png { "image/png" } else { "image/jpeg" },
        bytes: encode(&picture, as_png, JPEG_QUALITY)?,
        size: Some((picture.width(), picture.height())),
        thumb: Some(encode(&thumb, is_clear, THUMB_QUALITY)?),
    })
}

/// By what its media type follows: a thumbnail is a PNG only where its picture is.
pub(crate) fn media_type(bytes: &[u8]) -> &'static str {
    if bytes.starts_with(b"\x89PNG") {
        "image/png"
    } else {
        "image/jpeg"
    }
}

fn thumb(picture: &DynamicImage) -> DynamicImage {
    if picture.width().max(picture.height()) <= THUMB_SIDE_MAX {
        return picture.clone();
    }
    picture.thumbnail(THUMB_SIDE_MAX, THUMB_SIDE_MAX)
}

fn has_holes(picture: &DynamicImage) -> bool {
    picture.to_rgba8().pixels().any(|pixel| pixel.0[3] < 255)
}

fn encode(picture: &DynamicImage, as_png: bool, quality: u8) -> Result<Vec<u8>, UploadRefusal> {
    let mut out = Vec::new();
    let written = if as_png {
        picture.write_with_encoder(PngEncoder::new(&mut out))
    } else {
        picture.write_with_encoder(JpegEncoder::new_with_quality(&mut out, quality))
    };
    written.map_err(unreadable)?;
    Ok(out)
}

fn decoder<'a>(bytes: &'a [u8], kind: Kind) -> Result<Box<dyn ImageDecoder + 'a>, UploadRefusal> {
    let made = (|| -> ImageResult<Box<dyn ImageDecoder + 'a>> {
        let source = Cursor::new(bytes);
        let mut limits = Limits::default();
        limits.max_image_width = None;
        limits.max_image_height = None;
        limits.max_alloc = Some(PICTURE_PIXELS_MAX * 8 + METADATA_BYTES_MAX);
        Ok(match kind {
            Kind::Png => Box::new(PngDecoder::with_limits(source, limits)?),
            Kind::WebP => Box::new(WebPDecoder::new(source)?),
            Kind::Jpeg | Kind::Pdf => Box::new(JpegDecoder::new(source)?),
        })
    })();
    made.map_err(unreadable)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "has the form that map_err wants"
)]
fn unreadable(error: image::ImageError) -> UploadRefusal {
    tracing::debug!(%error, "a picture was not read");
    UploadRefusal::UploadUnreadable
}

/// Counts the scans and finds the end, without decoding: the decoder itself would fill
/// up what is cut off, and pass over the pixels as often as it is told.
fn walk_jpeg(bytes: &[u8]) -> Result<(), UploadRefusal> {
    let cut_off = UploadRefusal::UploadUnreadable;
    let mut at = 2;
    let mut scans = 0;
    loop {
        // Any number of 0xFF may stand before a marker.
        while bytes.get(at) == Some(&0xff) && bytes.get(at + 1) == Some(&0xff) {
            at += 1;
        }
        let [0xff, marker] = *bytes.get(at..at + 2).ok_or(cut_off.clone())? else {
            return Err(cut_off);
        };
        at += 2;
        match marker {
            0xd9 if scans > 0 => return Ok(()),
            0x01 | 0xd0..=0xd7 => continue,
            _ => {}
        }
        let Some([high, low]) = bytes.get(at..at + 2) else {
            return Err(cut_off);
        };
        at += usize::from(u16::from_be_bytes([*high, *low])).max(2);
        if marker == 0xda {
            scans += 1;
            if scans > SCANS_MAX {
                return Err(UploadRefusal::UploadUnreadable);
            }
            let rest = bytes.get(at..).ok_or(cut_off.clone())?;
            let end = rest
                .windows(2)
                .position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff));
            at += end.ok_or(cut_off.clone())?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{cost_bytes, kind, press};
    use super::*;
    use image::{ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
    use linli_model::upload::UploadPurpose;

    /// Everything that happens to a picture on its way in.
    fn take(bytes: &[u8]) -> Result<Pressed, UploadRefusal> {
        let kind = kind(bytes, UploadPurpose::Photo)?;
        cost_bytes(bytes, kind)?;
        press(bytes.to_vec(), kind)
    }

    fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    /// Left half red, right half blue.
    fn flag(width: u32, height: u32) -> DynamicImage {
        DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, _| {
            Rgb(if x * 2 < width {
                [220, 20, 20]
            } else {
                [20, 20, 220]
            })
        }))
    }

    /// EXIF with an orientation and a place on earth, as a JPEG's APP1 segment.
    fn exif(orientation: u8) -> Vec<u8> {
        let mut tiff = b"MM\0\x2a\0\0\0\x08".to_vec();
        tiff.extend(*b"\0\x02");
        tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
        tiff.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38]);
        tiff.extend([0, 0, 0, 0]);
        tiff.extend(*b"\0\x01");
        tiff.extend([0, 1, 0, 2, 0, 0, 0, 2, b'N', 0, 0, 0]);
        tiff.extend([0, 0, 0, 0]);
        tiff.extend(*b"GPS 31.2304 121.4737 my secret home");
        let mut segment = b"Exif\0\0".to_vec();
        segment.extend(tiff);
        let length = u16::try_from(segment.len() + 2).unwrap();
        [&[0xff, 0xe1], &length.to_be_bytes()[..], &segment].concat()
    }

    fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
        [&jpeg[..2], &exif(orientation), &jpeg[2..]].concat()
    }

    fn contains(bytes: &[u8], needle: &[u8]) -> bool {
        bytes.windows(needle.len()).any(|window| window == needle)
    }

    #[test]
    fn every_kind_becomes_a_picture_of_ours() {
        for (format, expected) in [
            (ImageFormat::Jpeg, "image/jpeg"),
            (ImageFormat::Png, "image/png"),
            (ImageFormat::WebP, "image/jpeg"),
        ] {
            let pressed = take(&encoded(&flag(640, 480), format)).unwrap();
            assert_eq!(pressed.media_type, expected, "{format:?}");
            assert_eq!(pressed.size, Some((640, 480)));
            assert_eq!(media_type(&pressed.bytes), expected);
            let thumb = image::load_from_memory(&pressed.thumb.unwrap()).unwrap();
            assert_eq!((thumb.width(), thumb.height()), (400, 300));
        }
    }

    #[test]
    fn where_a_photo_was_taken_is_gone_and_it_stands_upright() {
        let sent = with_exif(&encoded(&flag(64, 32), ImageFormat::Jpeg), 6);
        assert!(contains(&sent, b"my secret home") && contains(&sent, b"Exif"));
        let pressed = take(&sent).unwrap();
        assert_eq!(pressed.size, Some((32, 64)), "turned by a quarter");
        let thumb = pressed.thumb.unwrap();
        for kept in [&pressed.bytes, &thumb] {
            for trace in [&b"secret"[..], b"Exif", b"GPS", b"\xff\xe1"] {
                assert!(!contains(kept, trace), "{trace:?}");
            }
        }
        // The left, red half is on top now.
        let upright = image::load_from_memory(&pressed.bytes).unwrap().into_rgb8();
        assert!(upright.get_pixel(16, 8).0[0] > 150 && upright.get_pixel(16, 56).0[2] > 150);
    }

    #[test]
    fn texts_in_a_png_are_gone() {
        let png = encoded(&flag(8, 8), ImageFormat::Png);
        let mut chunk = b"tEXtComment\0my secret home".to_vec();
        let crc = flate2::Crc::new();
        let sum = {
            let mut crc = crc;
            crc.update(&chunk);
            crc.sum()
        };
        let length = u32::try_from(chunk.len() - 4).unwrap();
        chunk.extend(sum.to_be_bytes());
        let sent = [&png[..33], &length.to_be_bytes()[..], &chunk, &png[33..]].concat();
        let pressed = take(&sent).unwrap();
        assert!(contains(&sent, b"my secret") && !contains(&pressed.bytes, b"my secret"));
    }

    #[test]
    fn the_smallest_and_the_largest_are_taken_and_larger_ones_are_not() {
        let pixel = take(&encoded(&flag(1, 1), ImageFormat::Png)).unwrap();
        assert_eq!(pixel.size, Some((1, 1)));
        // 50 megapixels, as a grey PNG that is small on the wire.
        let grey = DynamicImage::ImageLuma8(image::GrayImage::new(10_000, 5_000));
        let large = take(&encoded(&grey, ImageFormat::Png)).unwrap();
        assert_eq!(large.size, Some((PICTURE_SIDE_MAX, 1_280)));
        let grey = DynamicImage::ImageLuma8(image::GrayImage::new(10_000, 5_001));
        let refused = take(&encoded(&grey, ImageFormat::Png)).unwrap_err();
        assert!(matches!(refused, UploadRefusal::UploadTooManyPixels { .. }));
    }

    /// A header that promises 4 billion pixels costs nothing: it is read, no more.
    #[test]
    fn bombs_are_refused_before_decoding() {
        let mut png = encoded(&flag(1, 1), ImageFormat::Png);
        png[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
        let mut crc = flate2::Crc::new();
        crc.update(&png[12..29]);
        png[29..33].copy_from_slice(&crc.sum().to_be_bytes());
        let refused = take(&png).unwrap_err();
        assert!(matches!(refused, UploadRefusal::UploadTooManyPixels { .. }));
        // The same small scan a thousand times over.
        let jpeg = encoded(&flag(16, 16), ImageFormat::Jpeg);
        let scan = jpeg
            .windows(2)
            .position(|pair| pair == [0xff, 0xda])
            .unwrap();
        let end = jpeg.len() - 2;
        let many = [&jpeg[..scan], &jpeg[scan..end].repeat(1_000), &jpeg[end..]].concat();
        assert_eq!(take(&many).unwrap_err(), UploadRefusal::UploadUnreadable);
    }

    #[test]
    fn holes_stay_holes_and_of_moving_pictures_one_frame_stays() {
        let glass = DynamicImage::ImageRgba8(RgbaImage::from_pixel(20, 10, Rgba([0, 0, 0, 99])));
        for format in [ImageFormat::Png, ImageFormat::WebP] {
            assert_eq!(
                take(&encoded(&glass, format)).unwrap().media_type,
                "image/png"
            );
        }
        // An APNG is a PNG with chunks that plain readers pass over.
        let png = encoded(&flag(8, 8), ImageFormat::Png);
        let mut control = b"acTL\0\0\0\x02\0\0\0\0".to_vec();
        let mut crc = flate2::Crc::new();
        crc.update(&control);
        control.extend(crc.sum().to_be_bytes());
        let moving = [&png[..33], &8u32.to_be_bytes()[..], &control, &png[33..]].concat();
        if let Ok(still) = take(&moving) {
            assert!(!contains(&still.bytes, b"acTL"));
        }
    }

    /// What stands before or behind a picture does not get in with it.
    #[test]
    fn polyglots_lose_their_other_half_and_drawings_with_scripts_stay_out() {
        let html = b"<script>alert(1)</script>";
        for format in [ImageFormat::Jpeg, ImageFormat::Png] {
            let both = [&encoded(&flag(8, 8), format)[..], html, b"PK\x03\x04"].concat();
            let pressed = take(&both).unwrap();
            assert!(!contains(&pressed.bytes, b"script") && !contains(&pressed.bytes, b"PK\x03"));
        }
        let svg = br#"<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>"#;
        for other in [
            &svg[..],
            html,
            b"GIF89a",
            b"BM",
            b"II*\0",
            b"\0\0\0\x20ftypheic",
            b"",
            b"%PDF-1.7",
        ] {
            let refused = take(other).unwrap_err();
            assert_eq!(refused, UploadRefusal::UploadTypeUnsupported, "{other:?}");
        }
    }

    /// Bytes by a small generator: the seed tells everything.
    fn noise(mut seed: u64) -> impl FnMut() -> u64 {
        move || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed
        }
    }

    #[test]
    fn damaged_pictures_are_refused_or_taken_and_never_panic() {
        let seed = u64::from_le_bytes(crate::seal::chance::<8>()) | 1;
        println!("seed {seed}");
        let mut next = noise(seed);
        let whole = [
            encoded(&flag(60, 40), ImageFormat::Jpeg),
            with_exif(&encoded(&flag(60, 40), ImageFormat::Jpeg), 5),
            encoded(&flag(60, 40), ImageFormat::Png),
            encoded(&flag(60, 40), ImageFormat::WebP),
        ];
        for picture in &whole {
            for cut in (0..picture.len()).step_by(1 + picture.len() / 80) {
                let _ = take(&picture[..cut]);
            }
            for _ in 0..120 {
                let mut damaged = picture.clone();
                for _ in 0..1 + next() % 6 {
                    let at = usize::try_from(next()).unwrap() % damaged.len();
                    damaged[at] = next().to_le_bytes()[3];
                }
                let _ = take(&damaged);
            }
        }
        for magic in [
            &b"\xff\xd8\xff"[..],
            b"\x89PNG\r\n\x1a\n",
            b"RIFF\x99\0\0\0WEBPVP8 ",
        ] {
            for _ in 0..100 {
                let tail: Vec<u8> = (0..next() % 400).map(|_| next().to_le_bytes()[2]).collect();
                let _ = take(&[magic, &tail].concat());
            }
        }
        // A JPEG that ends in the middle is no picture, although it could be filled up.
        let jpeg = &whole[0];
        assert_eq!(
            take(&jpeg[..jpeg.len() - 40]).unwrap_err(),
            UploadRefusal::UploadUnreadable
        );
    }
}
