//! A folder of images per class.

use std::{fs, path::Path};

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage};
use tempfile::TempDir;
use tinynas_train::{DataError, Dataset};

fn grey(side: u32, value: u8) -> DynamicImage {
    DynamicImage::ImageLuma8(GrayImage::from_pixel(side, side, Luma([value])))
}

fn colour(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 9])))
}

fn save(folder: &Path, name: &str, image: &DynamicImage) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    image.save(path).unwrap();
}

/// Ten images of `cat`, five of `dog`.
fn pets() -> TempDir {
    let folder = TempDir::new().unwrap();
    (0..10).for_each(|i| save(folder.path(), &format!("cat/{i}.png"), &grey(8, i)));
    (0..5).for_each(|i| save(folder.path(), &format!("dog/{i}.png"), &grey(8, 100 + i)));
    fs::write(folder.path().join("cat/.DS_Store"), "x").unwrap();
    fs::write(folder.path().join("dog/notes.txt"), "x").unwrap();
    folder
}

fn error(folder: &Path) -> DataError {
    Dataset::open(folder).unwrap_err()
}

#[test]
fn subfolders_are_classes_and_a_fifth_of_each_is_for_the_test() {
    let folder = pets();
    let data = Dataset::open(folder.path()).unwrap();
    assert_eq!(data.classes, ["cat", "dog"]);
    assert_eq!((data.train.len(), data.test.len(), data.train.side, data.channels()), (12, 3, 8, 1));
    assert_eq!(data.test.labels, [0, 0, 1]);
    // Pixels tell the class, so labels and images belong together.
    for split in [&data.train, &data.test] {
        assert!((0..split.len()).all(|i| (split.image(i)[0] >= 100) == (split.labels[i] == 1)));
    }
    assert_eq!(Dataset::open(folder.path()).unwrap(), data);
    // One more image changes the other images' parts by one at most.
    save(folder.path(), "cat/10.png", &grey(8, 10));
    let more = Dataset::open(folder.path()).unwrap();
    let tested = |d: &Dataset| (0..d.test.len()).map(|i| d.test.image(i)[0]).collect::<Vec<_>>();
    assert!(tested(&data).iter().filter(|pixel| !tested(&more).contains(pixel)).count() <= 1);
}

#[test]
fn given_parts_are_kept_and_jpeg_is_read() {
    let folder = TempDir::new().unwrap();
    for (part, count) in [("train", 3), ("test", 1)] {
        for class in ["a", "b"] {
            (0..count).for_each(|i| save(folder.path(), &format!("{part}/{class}/{i}.JPG"), &colour(16, 16)));
        }
    }
    let data = Dataset::open(folder.path()).unwrap();
    assert_eq!((data.train.len(), data.test.len(), data.channels()), (6, 2, 3));
    save(folder.path(), "test/c/0.png", &colour(16, 16));
    assert!(error(folder.path()).to_string().ends_with("class `c` is not a folder of the training images"));
}

#[test]
fn a_train_folder_alone_is_split_and_a_class_may_be_called_train() {
    let folder = TempDir::new().unwrap();
    for class in ["a", "b"] {
        (0..5).for_each(|i| save(folder.path(), &format!("train/{class}/{i}.png"), &grey(4, i)));
    }
    assert_eq!(Dataset::open(folder.path()).unwrap().classes, ["a", "b"]);
    let folder = TempDir::new().unwrap();
    for class in ["plane", "train"] {
        (0..5).for_each(|i| save(folder.path(), &format!("{class}/{i}.png"), &grey(4, i)));
    }
    assert_eq!(Dataset::open(folder.path()).unwrap().classes, ["plane", "train"]);
}

#[test]
fn the_centre_square_is_taken() {
    let folder = TempDir::new().unwrap();
    (0..2).for_each(|i| save(folder.path(), &format!("a/{i}.png"), &colour(10, 4)));
    (0..2).for_each(|i| save(folder.path(), &format!("b/{i}.png"), &colour(10, 4)));
    let data = Dataset::open(folder.path()).unwrap();
    assert_eq!(data.train.side, 4);
    assert_eq!(data.train.image(0)[..6], [3, 0, 9, 4, 0, 9]);
}

#[test]
fn mixed_sizes_are_refused_unless_a_side_is_given() {
    let folder = pets();
    save(folder.path(), "dog/5.png", &grey(9, 105));
    let error = error(folder.path());
    assert_eq!(error.code(), "data::mixed_size");
    let text = error.to_string();
    assert!(text.contains("9x9") && text.contains("8x8") && text.contains("dog/"), "{text}");
    let data = Dataset::open_sized(folder.path(), 6).unwrap();
    assert_eq!((data.train.side, data.test.side, data.train.len() + data.test.len()), (6, 6, 16));
}

#[test]
fn damage_is_named() {
    let folder = pets();
    let path = folder.path().join("cat/3.png");
    let whole = fs::read(&path).unwrap();
    for length in [0, 5, 20, whole.len() - 8] {
        fs::write(&path, &whole[..length]).unwrap();
        let error = error(folder.path());
        assert_eq!(error.code(), "data::unreadable", "{length}: {error}");
        assert!(error.to_string().contains("cat/3.png"), "{error}");
    }
    fs::write(&path, &whole).unwrap();
    save(folder.path(), "cat/3.png", &colour(8, 8));
    let text = error(folder.path()).to_string();
    assert!(text.contains("3 channels, but") && text.contains("has 1") || text.contains("1 channels, but"), "{text}");
}

#[test]
fn empty_folders_are_named() {
    let folder = pets();
    fs::create_dir(folder.path().join("owl")).unwrap();
    let found = error(folder.path());
    assert_eq!(found.code(), "data::class_too_small");
    assert!(found.to_string().ends_with("owl: class `owl` has 0 images, at least 2 are needed"), "{found}");
    let empty = TempDir::new().unwrap();
    assert_eq!(error(empty.path()).code(), "data::unknown_kind");
    fs::write(empty.path().join("0.png"), "").unwrap();
    assert_eq!(error(empty.path()).code(), "data::unknown_kind");
}

#[test]
fn the_content_tells_the_format_not_the_name() {
    let folder = pets();
    grey(8, 77).save_with_format(folder.path().join("cat/77.jpg"), ImageFormat::Png).unwrap();
    assert_eq!(Dataset::open(folder.path()).unwrap().train.len(), 13);
}

#[test]
fn a_folder_of_images_to_choose_by_is_used() {
    let folder = TempDir::new().unwrap();
    for (part, count, value) in [("train", 3, 10), ("val", 2, 50), ("test", 1, 90)] {
        for class in ["a", "b"] {
            (0..count).for_each(|i| save(folder.path(), &format!("{part}/{class}/{i}.png"), &grey(8, value + i)));
        }
    }
    let data = Dataset::open(folder.path()).unwrap();
    let validation = data.validation.as_ref().unwrap();
    assert_eq!((data.train.len(), validation.len(), data.test.len()), (6, 4, 2));
    assert!((0..4).all(|i| (50..52).contains(&validation.image(i)[0])));
    let (learn, choose) = data.learn_and_choose(0.5, 1);
    assert_eq!((&learn, &choose), (&data.train, validation));

    save(folder.path(), "val/c/0.png", &grey(8, 0));
    assert!(matches!(error(folder.path()), DataError::UnknownClass { class, .. } if class == "c"));
    fs::remove_dir_all(folder.path().join("val")).unwrap();
    fs::create_dir(folder.path().join("val")).unwrap();
    assert!(matches!(error(folder.path()), DataError::Empty { part: "validation", .. }));
}

#[test]
fn too_few_images_to_choose_by_are_noticed() {
    let folder = TempDir::new().unwrap();
    for class in ["a", "b"] {
        (0..2).for_each(|i| save(folder.path(), &format!("{class}/{i}.png"), &grey(8, i)));
    }
    // One of two is for the test: nothing can be set aside.
    assert!(!Dataset::open(folder.path()).unwrap().has_choice());
    (2..4).for_each(|i| save(folder.path(), &format!("a/{i}.png"), &grey(8, i)));
    let data = Dataset::open(folder.path()).unwrap();
    assert!(data.has_choice());
    let (learn, choose) = data.learn_and_choose(0.1, 1);
    assert!(learn.len() >= 2 && !choose.is_empty());
}
