docker run -it --rm --detach -p 8500:8500 -p 8501:8501 -v './sample/serving_model:/models:z' -e MODEL_NAME=lstm icr.io/ibmz/ibmz-accelerated-serving-for-tensorflow:X.X.X
