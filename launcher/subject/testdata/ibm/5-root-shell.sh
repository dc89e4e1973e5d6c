docker run --user root -it --rm $IMAGE_ID bash
