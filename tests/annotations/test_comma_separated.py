"""Tables of boxes: what their columns may be called, what a row may be, and every refusal."""

import pytest
from conftest import records

from lpg.errors import InputError

CAT = {"a": [("cat", 1, 2, 5, 6)]}


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("image,x0,y0,x1,y1,class", "a.jpg,1,2,5,6,cat"),
        ("filename,width,height,class,xmin,ymin,xmax,ymax", "a.jpg,8,6,cat,1,2,5,6"),
        ("path,x1,y1,x2,y2,label", "/home/me/data/a.jpg,1,2,5,6,cat"),
        ("Image Path,X_Min,Y_Min,X_Max,Y_Max,Label Name", "C:\\data\\a.jpg,1,2,5,6,cat"),
        ("label,image,x,y,width,height", "cat,a.jpg,1,2,4,4"),
        ("img,left,top,right,bottom,category", "a.png,1,2,5,6,cat"),  # was converted since
        ("file_name,bbox_x,bbox_y,bbox_w,bbox_h,category_name", "a,1,2,4,4,cat"),
        ("image,width,height,x,y,w,h,class", "a.jpg,8,6,1,2,4,4,cat"),  # of the photograph, and of the box
        ("image,width,height,cx,cy,w,h,class", "a.jpg,8,6,3,4,4,4,cat"),
        ("image_name,x_center,y_center,width,height,class", "a.jpg,3,4,4,4,cat"),
        ("image;xmin;ymin;xmax;ymax;class", "a.jpg;1;2;5;6;cat"),
        ("image\txmin\tymin\txmax\tymax\tclass", "a.jpg\t1\t2\t5\t6\tcat"),
        ("\ufeffimage,xmin,ymin,xmax,ymax,class", '"a.jpg","1.0"," 2 ","5","6","cat"'),
        ("", "images/a.jpg,1,2,5,6,cat"),
        ("image_id,filename,x1,y1,x2,y2,class", "7,a.jpg,1,2,5,6,cat"),
        ("image,width,height,x,y,bw,bh,class", "a.jpg,8,6,1,2,4,4,cat"),
        ("image,width,height,x,y,box_w,box_h,class", "a.jpg,8,6,1,2,4,4,cat"),
        ("image,xmin,ymin,xmax,ymax,confidence,class,name", "a.jpg,1,2,5,6,0.9,15,cat"),
        ("image,xmin,ymin,xmax,ymax,class,name", "a.jpg,1,2,5,6,cat,Tom"),
        ("image,xmin,ymin,xmax,ymax,class", "a.jpg,0.125,0.333333,0.625,1,cat"),
        ("ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsGroupOf", "a,x,cat,1,0.125,0.625,0.333333,1,0"),
    ],
)
def test_columns_are_known_by_their_usual_names(read, boxes_of, header, row):
    text = f"{header}\r\n\r\n{row}\r\n" if header else f"{row}\n"
    assert boxes_of(read("csv", {"boxes.csv": text}, "boxes.csv")) == CAT


def test_per_cent_of_label_studio_are_refused(read):
    text = "image,label,x,y,width,height,original_width,original_height\na.jpg,cat,10,20,30,40,8,6"
    with pytest.raises(
        InputError, match=r"boxes\.csv:1: the column original_width is Label Studio's, whose numbers are per"
    ):
        read("csv", {"boxes.csv": text}, "boxes.csv")


def test_photographs_keep_the_tables_order_and_classes_the_alphabets(read, boxes_of):
    rows = "sub/b c.PNG,0,0,2,2,dog", "a.jpg,1,2,5,6,cat", '"sub/b c.PNG",1,1,3,3,ape'
    reader = read("csv", {"boxes.csv": "\n".join(["image,x0,y0,x1,y1,class", *rows])}, "boxes.csv")
    assert reader.class_names == ["ape", "cat", "dog"]
    assert boxes_of(reader) == {"sub/b c": [("dog", 0, 0, 2, 2), ("ape", 1, 1, 3, 3)], **CAT}
    assert [photograph.object_ids for photograph in records(reader)] == [[2, 4], [3]]
    assert [photograph.source[-11:] for photograph in records(reader)] == ["boxes.csv:2", "boxes.csv:3"]


def test_a_row_of_keras_retinanet_without_a_box_is_a_photograph_without_objects(read, boxes_of):
    reader = read("csv", {"boxes.csv": "sub/b c.PNG,,,,,\na.jpg,1,2,5,6,cat\n"}, "boxes.csv")
    assert boxes_of(reader) == {"sub/b c": [], **CAT}


def test_numbers_of_classes_are_numbers_as_pandas_writes_them_where_some_are_missing(read, boxes_of):
    header = "filename,xmin,ymin,xmax,ymax,class,name\n"
    for rows in (
        "a.jpg,1,2,5,6,15,cat\nsub/b c.PNG,,,,,,\n",
        "a.jpg,1.0,2.0,5.0,6.0,15.0,cat\nsub/b c.PNG,,,,,,\n",
    ):
        assert boxes_of(read("csv", {"boxes.csv": header + rows}, "boxes.csv")) == {**CAT, "sub/b c": []}


@pytest.mark.parametrize("group", ["1", "1.0", "True", "TRUE"])
def test_a_box_around_a_group_is_none_of_an_object(read, boxes_of, group):
    rows = f"a,cat,0.125,0.625,0.333333,1,0.0\na,cat,0,1,0,1,{group}\na,cat,0,1,0,1,False\n"
    reader = read("csv", {"boxes.csv": OPEN_IMAGES + rows}, "boxes.csv")
    assert boxes_of(reader) == {"a": [("cat", 1, 2, 5, 6), ("cat", 0, 0, 8, 6)]}


def test_a_stated_size_is_read(read):
    header, row = "filename,width,height,class,xmin,ymin,xmax,ymax", "a.jpg,80,60,cat,1,2,5,6"
    photograph = read("csv", {"boxes.csv": f"{header}\n{row}"}, "boxes.csv").record("a")
    assert (photograph.height, photograph.width) == (60, 80)  # which the extraction of boxes refuses
    photograph = read("csv", {"boxes.csv": "a.jpg,1,2,5,6,cat"}, "boxes.csv").record("a")
    assert (photograph.height, photograph.width) == (0, 0)  # not stated


def test_beside_corners_width_and_height_may_be_the_boxs(read):
    header, row = "image,xmin,ymin,xmax,ymax,width,height,class", "a.jpg,1,2,5,6,4,4,cat"
    photograph = read("csv", {"boxes.csv": f"{header}\n{row}"}, "boxes.csv").record("a")
    assert (photograph.height, photograph.width) == (0, 0)  # not stated
    photograph = read("csv", {"boxes.csv": f"{header}\n{row}\na.jpg,1,2,5,6,8,6,cat"}, "boxes.csv").record("a")
    assert (photograph.height, photograph.width) == (4, 4), "of one row it is not: it is refused when boxes are read"


OPEN_IMAGES = "ImageID,LabelName,XMin,XMax,YMin,YMax,IsGroupOf\n"


def test_open_images_is_read_for_the_photographs_that_are_there_without_groups(read, boxes_of, caplog):
    rows = "a,/m/01yrx,0.125,0.625,0.333333,1,0\na,/m/01yrx,0,1,0,1,1\n0123,/m/0bt9lr,0,1,0,1,0\n"
    names = "/m/01yrx,Cat\n/m/0bt9lr,Dog\n"
    with caplog.at_level("INFO"):
        reader = read("csv", {"boxes.csv": OPEN_IMAGES + rows, "class-descriptions-boxable.csv": names}, "boxes.csv")
    assert boxes_of(reader) == {"a": [("Cat", 1, 2, 5, 6)]}
    assert "1 of the 2 photographs of" in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nimage;x0;y0;x1;y1;class\na.jpg;1;2;5;6;cat",
        '"sep=;"\nimage;x0;y0;x1;y1;class\na.jpg;1;2;5;6;cat',
        "sep=\t\r\nimage\tx0\ty0\tx1\ty1\tclass\r\na.jpg\t1\t2\t5\t6\tcat",
        # The photograph's size beside the box's own.
        "image,width,height,bbox_x,bbox_y,bbox_width,bbox_height,class\na.jpg,8,6,1,2,4,4,cat",
        "image,w,h,width,height,bbox_x,bbox_y,bbox_w,bbox_h,class\na.jpg,8,6,8,6,1,2,4,4,cat",
        "image_id,width,height,x,y,w,h,class\na.jpg,8,6,1,2,4,4,cat",
        # Corners of two families, beside a size.
        "image,x,y,x2,y2,width,height,class\na.jpg,1,2,5,6,8,6,cat",
        "image,left,top,xmax,ymax,width,height,class\na.jpg,1,2,5,6,8,6,cat",
        # Corners of a quadrilateral, and a turn by nothing.
        "image,x1,y1,x2,y2,x3,y3,x4,y4,class\na.jpg,3,2,5,4,3,6,1,4,cat",
        "image,x0,y0,x1,y1,x2,y2,x3,y3,class\na.jpg,3,2,5,4,3,6,1,4,cat",
        "image,cx,cy,w,h,angle,class\na.jpg,3,4,4,4,0.0,cat\nsub/b c.png,,,,,,",
        # Numbers of classes with their names, and columns that name no class.
        "image,class,name,x0,y0,x1,y1\na.jpg,1,cat,1,2,5,6",
        "image,class,label,x0,y0,x1,y1\na.jpg,1,cat,1,2,5,6",
        "image,label,class,name,x0,y0,x1,y1\na.jpg,c,cat,whiskers,1,2,5,6\nsub/b c.png,c,cat,tom,1,2,5,6",
        # The photograph's part of the dataset.
        "split,image,x0,y0,x1,y1,class\ntrain,a.jpg,1,2,5,6,cat\nval,sub/b c.png,1,2,5,6,cat",
        "split,image,x0,y0,x1,y1,class\ntrain,a.jpg,1,2,5,6,cat\nTrain,sub/b c.png,,,,,\n,sub/b c.png,,,,,",
        # Supercategories, blank columns, and what begins with bbox.
        "image,x0,y0,x1,y1,class,category,label\na.jpg,1,2,5,6,cat,animal,",
        "filename,bbox_xmin,bbox_ymin,bbox_xmax,bbox_ymax,bbox_label,note,note\na.jpg,1,2,5,6,cat,,",
        "image,xmin,ymin,xmax,ymax,bbox_width,bbox_height,class\na.jpg,1,2,5,6,3,3,cat",
        # What is no angle of a box.
        "image,x0,y0,x1,y1,angle,rotation,class\na.jpg,1,2,5,6,front,90,cat",
        "image,x0,y0,x1,y1,rotation,class\na.jpg,1,2,5,6,nan,cat",
        "image,x1,y1,x2,y2,x3,y3,x4,y4,width,height,class\na.jpg,3,2,5,4,3,6,1,4,4,4,cat",
        # Beside corners the box's own sides, and a photograph without objects.
        "image,xmin,ymin,xmax,ymax,width,height,class\na.jpg,1,2,5,6,4,4,cat\nsub/b c.png,,,,,,,",
    ],
)
def test_what_excel_and_pandas_write_is_read(read, boxes_of, text):
    reader = read("csv", {"boxes.csv": text}, "boxes.csv")
    assert boxes_of(reader)["a"] == [("cat", 1, 2, 5, 6)]
    assert reader.record("a").width in (0, 8), "a box's own width is no photograph's"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"boxes\.csv is empty; mend the path"),
        (
            "image,box,class\na,b,c",
            r"boxes\.csv:1: the column box has all of a box; make four columns of it: x, y, w, h, or xmin, ymin",
        ),
        ("#,--,#\n1,2,3", r"boxes\.csv:1: the columns #, --, # are no boxes; call them"),
        (
            "image,cx,cy,w,h,angle,class\na.jpg,3,4,4,4,90,cat",
            r"boxes\.csv:2: the box is turned by 90, which is not read; write the box around the turned one",
        ),
        (
            "image,bbox_x,bbox_y,bbox_w,bbox_h,bbox_angle,class\na.jpg,1,2,4,4,45,cat",
            r"boxes\.csv:2: the box is turned by 45, which is not read; write .*; or rename the column if it is anothe",
        ),
        (
            "split,image,x0,y0,x1,y1,class\ntrain,a.jpg,1,2,5,6,cat\nval,a.jpg,1,2,5,6,dog",
            r"boxes\.csv:3: 'a\.jpg' is in 'val' here, and in 'train' above; if these .* val/a\.jpg; else",
        ),
        (
            "image,label,class,x0,y0,x1,y1\na.jpg,cat,animal,1,2,5,6\na.jpg,dog,animal,1,2,5,6",
            r"boxes\.csv: the columns class and label both name classes, and 'animal' has several there; take away",
        ),
        (
            "image,width,height,x,y,Width,height,class\na,8,6,1,2,4,4,cat",
            r"boxes\.csv:1: the columns width and Width are of one name; rename one, as w and h for a box's",
        ),
        ("image,x0,y0,x1,y1\na,1,2,5,6", r"boxes\.csv:1: there is no column of classes; call it class, or add one"),
        ("image;x0;y0;x1;y1;class\na;1,5;2;5;6;cat", r"boxes\.csv:2: '1,5' has a comma; write numbers with a point"),
        ("a.jpg,1,2,5,6", r"boxes\.csv:1: it has no header; put one above: image"),
        ("image,x0,y0,x1,y1,class\na.jpg,1,2,5", r"boxes\.csv:2: 4 cells, 6 are wanted; mend the line"),
        ("image,x0,y0,x1,y1,class\na.jpg,1,2,5,six,cat", r"boxes\.csv:2: 'six' is no coordinate; mend it"),
        ("image,x0,y0,x1,y1,class\na.jpg,1,2,5,,cat", r"boxes\.csv:2: '' is no coordinate; mend it"),
        ("image,x0,y0,x1,y1,class\na.jpg,1,2,5,inf,cat", r"boxes\.csv:2: 'inf' is no coordinate"),
        ("image,x0,y0,x1,y1,class\na.jpg,1,2,5,1e30,cat", r"boxes\.csv:2: '1e30' is no coordinate"),
        ("image,x0,y0,x1,y1,class\na.jpg,1,2,5,6,", r"boxes\.csv:2: it names no class; mend the line"),
        ("image,x0,y0,x1,y1,class\n,1,2,5,6,cat", r"boxes\.csv:2: it names no photograph; mend the line"),
        ("image,x0,y0,x1,y1,class\na,1,2,5,6," + "x" * 200_000, r"boxes\.csv:2: no row of a table \(.*\); mend the"),
        (
            OPEN_IMAGES + "a,cat,1,5,2,6,0",
            r"boxes\.csv:2: 6 is no part of width or height, which Open Images has; mend",
        ),
        (OPEN_IMAGES + "z,cat,0,1,0,1,0", r"no photograph of .*boxes\.csv is in .*images; mend images or annotations"),
        ("image,x0,y0,x1,y1,class\na,1,2,5,6,background", r"datasets\.tiny: a class is called 'background'"),
        ("image,x0,y0,x1,y1,class\n", r"datasets\.tiny: its annotations have no object; look at the path"),
        (b"image,x0,y0,x1,y1,class\na,1,2,5,6,\xe9", r"boxes\.csv is not UTF-8 \(.*\); save it as UTF-8"),
    ],
)
def test_a_table_that_is_wrong_is_refused_with_its_line(read, text, message):
    with pytest.raises(InputError, match=message):
        read("csv", {"boxes.csv": text}, "boxes.csv")


@pytest.mark.parametrize("numbers", ["nan,nan,nan,nan", "1,2,5,six"])
def test_a_photograph_whose_row_is_wrong_may_be_left_out_and_the_others_are_as_they_are(read, numbers):
    for cat in ("1,2,5,6", "0.125,0.333333,0.625,1"):
        text = f"image,x0,y0,x1,y1,class\na.jpg,{cat},cat\nsub/b c.PNG,{numbers},cat\n"
        reader = read("csv", {"boxes.csv": text}, "boxes.csv")
        assert reader.record("a").boxes.round(2).tolist() == [[1, 2, 5, 6]]
        with pytest.raises(InputError, match=r"boxes\.csv:3: '(nan|six)' is no coordinate; mend it") as refused:
            reader.record("sub/b c")
        assert refused.value.permission == "skip_unreadable"


def test_a_class_that_class_names_lacks_is_refused(read):
    with pytest.raises(InputError, match=r"boxes\.csv:1: class 'cat' is not in class_names \(dog\); mend one of them"):
        read("csv", {"boxes.csv": "a.jpg,1,2,5,6,cat"}, "boxes.csv", class_names=["dog"])
    assert read("csv", {}, "boxes.csv", class_names=["dog", "cat"]).class_names == ["dog", "cat"]


@pytest.mark.parametrize(
    ("rows", "classes"),
    [
        (["a.jpg,0,anna", "sub/b c.png,0,bob", "sub/b c.png,1,bob"], ["0", "1"]),
        (["a.jpg,1,a.jpg", "sub/b c.png,2,sub/b c.png"], ["1", "2"]),
        (["a.jpg,1.0,cat", "sub/b c.png,2.0,dog"], ["cat", "dog"]),
        (["a.jpg,0,cat", "sub/b c.png,1,dog", "sub/b c.png,2,dog"], ["cat", "dog"]),
    ],
)
def test_a_name_is_a_classs_if_each_number_has_one(read, rows, classes):
    table = "image,class,name,x0,y0,x1,y1\n" + "\n".join(f"{row},1,2,5,6" for row in rows)
    assert read("csv", {"boxes.csv": table}, "boxes.csv").class_names == classes
