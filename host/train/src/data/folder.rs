//! One subfolder of PNG or JPEG images per class, in `train/`, `test/` and `val/` or split by a hash of the file names.
//!
//! Every image is cropped to its centre square. Images of different sizes are an error unless a side to resize
//! them to was given: only the user knows what a change of size does to his images.

use std::{
    fs,
    path::{Path, PathBuf},
};

use image::{DynamicImage, ImageReader};
use sha2::{Digest, Sha256};

use super::{DataError, Dataset, Split, resize::Resize};

/// Share of every class that is held back for the test if there is no `test/` folder.
const TEST_SHARE: f64 = 0.2;
/// Fewest images of a class that can be split.
const LEAST: usize = 2;
/// Names of the folder of images to choose by.
const VALIDATION: [&str; 3] = ["val", "valid", "validation"];
const EXTENSIONS: [&str; 3] = ["png", "jpg", "jpeg"];

struct File {
    path: PathBuf,
    class: usize,
}

/// What the first image decides for all.
struct Form {
    side: usize,
    first: PathBuf,
    channels: usize,
}

pub fn open(folder: &Path, side: Option<usize>) -> Result<Dataset, DataError> {
    let (train_folder, test_folder) = (folder.join("train"), folder.join("test"));
    let given = train_folder.is_dir() && test_folder.is_dir();
    // `train/` without folders in it is a class of trains.
    let parted = train_folder.is_dir() && !subfolders(&train_folder)?.is_empty();
    let root = if parted { &train_folder } else { folder };
    let classes = subfolders(root)?;
    if classes.is_empty() {
        return Err(DataError::UnknownKind { path: folder.into() });
    }
    let names: Vec<String> = classes.iter().map(|path| name(path)).collect();
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for (class, path) in classes.iter().enumerate() {
        let images = images(path)?;
        let least = if given { 1 } else { LEAST };
        if images.len() < least {
            let (class, images) = (names[class].clone(), images.len());
            return Err(DataError::ClassTooSmall { path: path.clone(), class, images, least });
        }
        let held = if given { 0 } else { held_back(images.len()) };
        let file = |path: PathBuf| File { path, class };
        let mut images = images.into_iter();
        test.extend(images.by_ref().take(held).map(file));
        train.extend(images.map(file));
    }
    if given {
        test = part(&test_folder, &names)?;
    }
    let choose_folder = VALIDATION.map(|name| folder.join(name)).into_iter().find(|path| parted && path.is_dir());
    let choose = choose_folder.as_deref().map(|folder| part(folder, &names)).transpose()?.unwrap_or_default();
    let first = train.first().ok_or_else(|| DataError::Empty { path: folder.into(), part: "training" })?;
    let side = side.map_or_else(|| common_side(train.iter().chain(&test).chain(&choose)), Ok)?;
    let form = Form { side, first: first.path.clone(), channels: channels(&decode(&first.path)?) };
    let mut dataset = Dataset::assemble(folder, names, read(&train, &form)?, read(&test, &form)?)?;
    if let Some(folder) = choose_folder {
        if choose.is_empty() {
            return Err(DataError::Empty { path: folder, part: "validation" });
        }
        dataset.validation = Some(read(&choose, &form)?);
    }
    Ok(dataset)
}

/// The images of a part whose classes are those of `train/`.
fn part(folder: &Path, names: &[String]) -> Result<Vec<File>, DataError> {
    let mut files = Vec::new();
    for path in subfolders(folder)? {
        let class = name(&path);
        let Some(class) = names.iter().position(|n| *n == class) else {
            return Err(DataError::UnknownClass { path: folder.into(), class });
        };
        files.extend(images(&path)?.into_iter().map(|path| File { path, class }));
    }
    Ok(files)
}

/// How many of `images` are for the test: at least one, at most all but one.
fn held_back(images: usize) -> usize {
    ((images as f64 * TEST_SHARE).round() as usize).clamp(1, images - 1)
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let entries = fs::read_dir(folder).map_err(DataError::io(folder))?;
    let mut paths =
        entries.map(|e| Ok(e.map_err(DataError::io(folder))?.path())).collect::<Result<Vec<_>, DataError>>()?;
    paths.retain(|path| !name(path).starts_with('.'));
    paths.sort();
    Ok(paths)
}

fn subfolders(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    Ok(entries(folder)?.into_iter().filter(|path| path.is_dir()).collect())
}

/// Image files in the order of the hash of their names, which does not change when other files come or go.
fn images(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let mut paths = entries(folder)?;
    paths.retain(|path| {
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
        path.is_file() && EXTENSIONS.contains(&extension.as_str())
    });
    paths.sort_by_cached_key(|path| (<[u8; 32]>::from(Sha256::digest(name(path).as_bytes())), name(path)));
    Ok(paths)
}

fn reader(path: &Path) -> Result<ImageReader<std::io::BufReader<fs::File>>, DataError> {
    ImageReader::open(path).and_then(ImageReader::with_guessed_format).map_err(DataError::io(path))
}

fn unreadable(path: &Path) -> impl FnOnce(image::ImageError) -> DataError {
    let path = path.to_path_buf();
    |e| DataError::Unreadable { path, reason: e.to_string() }
}

fn decode(path: &Path) -> Result<DynamicImage, DataError> {
    reader(path)?.decode().map_err(unreadable(path))
}

/// The shorter side of all images, which must be of one size.
fn common_side<'a>(files: impl Iterator<Item = &'a File>) -> Result<usize, DataError> {
    let mut first: Option<(&Path, (u32, u32))> = None;
    for file in files {
        let size = reader(&file.path)?.into_dimensions().map_err(unreadable(&file.path))?;
        let (path, expected) = *first.get_or_insert((&file.path, size));
        if size != expected {
            let text = |(width, height): (u32, u32)| format!("{width}x{height}");
            let (got, expected) = (text(size), text(expected));
            return Err(DataError::MixedImages { path: file.path.clone(), got, first: path.into(), expected });
        }
    }
    Ok(first.map_or(0, |(_, (width, height))| width.min(height) as usize))
}

fn channels(image: &DynamicImage) -> usize {
    if image.color().has_color() { 3 } else { 1 }
}

fn read(files: &[File], form: &Form) -> Result<Split, DataError> {
    let mut split = Split { side: form.side, channels: form.channels, ..Split::default() };
    for file in files {
        let image = decode(&file.path)?;
        let got = channels(&image);
        if got != form.channels {
            let (path, first) = (file.path.clone(), form.first.clone());
            return Err(DataError::MixedChannels { path, got, first, expected: form.channels });
        }
        split.images.extend(square(&image, form, &file.path)?);
        split.labels.push(u16::try_from(file.class).unwrap_or(u16::MAX));
    }
    Ok(split)
}

/// The centre square, resized.
fn square(image: &DynamicImage, form: &Form, path: &Path) -> Result<Vec<u8>, DataError> {
    let side = image.width().min(image.height());
    if side == 0 || form.side == 0 {
        let (height, width) = (image.height() as usize, image.width() as usize);
        return Err(DataError::NotSquare { path: path.into(), height, width });
    }
    let crop = image.crop_imm((image.width() - side) / 2, (image.height() - side) / 2, side, side);
    let pixels = if form.channels == 3 { crop.to_rgb8().into_raw() } else { crop.to_luma8().into_raw() };
    if side as usize == form.side {
        return Ok(pixels);
    }
    Ok(Resize::new(side as usize, form.side).square(&pixels, form.channels))
}
