docker run --rm -v ${DIR}:/workdir:z ${IMG} --EmitLib --O3 --mcpu=z14 --mtriple=s390x-ibm-loz model.onnx
